#pragma once

#include <cstdint>
#include <random>

#include "tensor/image.hpp"

namespace conv::test {

using Random = std::mt19937;

/// A whole number from `least` to `most`.
inline std::int64_t pick(Random& random, std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random);
}

/// An 8-bit picture of any levels, or of black and white alone.
inline Image random_page(Random& random, std::int64_t channels, std::int64_t height,
                         std::int64_t width) {
    Image page = Image::interleaved(SampleType::u8, channels, height, width);
    const bool extremes = pick(random, 0, 2) == 0;
    for (std::int64_t i = 0; i < channels * height * width; ++i) {
        const std::int64_t x = extremes ? 255 * pick(random, 0, 1) : pick(random, 0, 255);
        page.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(x);
    }
    return page;
}

/// The same picture in 16 bits: its levels as the high bytes, over any low ones.
inline Image with_low_bytes(Random& random, const Image& bytes) {
    const Shape& s = bytes.shape;
    Image words = Image::interleaved(SampleType::u16, s.C, s.H, s.W);
    for (std::int64_t i = 0; i < s.C * s.H * s.W; ++i) {
        const std::int64_t high = 256 * std::int64_t{bytes.data<std::uint8_t>()[i]};
        words.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(high + pick(random, 0, 255));
    }
    return words;
}

}  // namespace conv::test
