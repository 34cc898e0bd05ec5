#include "files/formats/png/row_filter.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace conv {
namespace {

/// The neighbours of a byte: the same byte of the pixel before, above, and above the one before.
struct Neighbours {
    int left, up, up_left;
};

int paeth(const Neighbours& n) {
    const int to_left = std::abs(n.up - n.up_left), to_up = std::abs(n.left - n.up_left);
    const int to_up_left = std::abs(n.left + n.up - 2 * n.up_left);
    const int vertical = to_up <= to_up_left ? n.up : n.up_left;
    return to_left <= to_up && to_left <= to_up_left ? n.left : vertical;
}

int average(const Neighbours& n) {
    return (n.left + n.up) / 2;
}

/// Filters a row; returns the sum of the magnitudes of its bytes as signed numbers.
template <typename Predict>
std::uint64_t filter(const std::uint8_t* row, const std::uint8_t* above, std::size_t count,
                     std::size_t pixel, std::uint8_t* out, Predict predict) {
    std::uint64_t total = 0;
    const auto magnitude = [](std::uint8_t byte) {
        return static_cast<std::uint32_t>(std::min<unsigned>(byte, 256U - byte));
    };
    const std::size_t first = std::min(pixel, count);
    for (std::size_t i = 0; i < first; ++i) {
        out[i] = static_cast<std::uint8_t>(row[i] - predict(Neighbours{0, above[i], 0}));
        total += magnitude(out[i]);
    }
    constexpr std::size_t kBlock = 4096;  // of sums in 32 bits, which vectors hold more of
    for (std::size_t begin = first; begin < count; begin += kBlock) {
        const std::size_t end = std::min(count, begin + kBlock);
        std::uint32_t sum = 0;
        for (std::size_t i = begin; i < end; ++i) {
            const std::uint8_t left = row[i - pixel], up = above[i], up_left = above[i - pixel];
            out[i] = static_cast<std::uint8_t>(row[i] - predict(Neighbours{left, up, up_left}));
            sum += magnitude(out[i]);
        }
        total += sum;
    }
    return total;
}

}  // namespace

void PngRowFilter::best(const std::uint8_t* row, const std::uint8_t* above, std::uint8_t* out) {
    std::uint64_t least = ~std::uint64_t{0};
    const auto try_filter = [&](std::uint8_t number, auto predict) {
        const std::uint64_t total =
            filter(row, above, row_bytes_, pixel_bytes_, candidate_.data(), predict);
        if (total >= least) return;
        least = total;
        out[0] = number;
        std::memcpy(out + 1, candidate_.data(), row_bytes_);
    };
    try_filter(4, paeth);
    try_filter(3, average);
    try_filter(1, [](const Neighbours& n) { return n.left; });
    try_filter(2, [](const Neighbours& n) { return n.up; });
    try_filter(0, [](const Neighbours&) { return 0; });
}

}  // namespace conv
