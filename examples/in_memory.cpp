// A picture in memory blurred with one call.
#include <conv/conv.hpp>
#include <cstdint>
#include <cstdio>
#include <vector>

int main() {
    constexpr std::int64_t kHeight = 4, kWidth = 6, kChannels = 1;
    std::vector<std::uint8_t> pixels(kHeight * kWidth, 0);
    pixels[2 * kWidth + 3] = 160;
    const auto picture =
        conv::Image::borrowed(conv::SampleType::u8, pixels.data(), {1, kChannels, kHeight, kWidth});
    const conv::Image blurred = conv::filter(
        picture,
        {3, 3, {1. / 16, 2. / 16, 1. / 16, 2. / 16, 4. / 16, 2. / 16, 1. / 16, 2. / 16, 1. / 16}});
    const auto* samples = blurred.data<const std::uint8_t>();
    for (std::int64_t h = 0; h < kHeight; ++h) {
        for (std::int64_t w = 0; w < kWidth; ++w) std::printf("%4d", samples[h * kWidth + w]);
        std::printf("\n");
    }
}
