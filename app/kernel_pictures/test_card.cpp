#include "kernel_pictures/test_card.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace conv {
namespace {

/// Each quarter is a function of x and y in [0, 1) and of its side in pixels, giving 0 .. 1.
double rings(double x, double y, double side) {
    const double dx = x - 0.5, dy = y - 0.5;
    // The frequency rises linearly and reaches a third of a cycle per pixel at the edge.
    const double phase = std::numbers::pi * 2 / 3 * side * (dx * dx + dy * dy);
    return 0.5 + 0.5 * std::cos(phase);
}

double ramp_and_bars(double x, double y, double side) {
    if (y < 0.3) return x;
    // Bars 1, 2, 3 ... pixels wide, with gaps as wide.
    double left = 0, width = 1;
    const double at = x * side;
    while (at >= left + 2 * width) {
        left += 2 * width;
        width += 1;
    }
    return at < left + width ? 0.08 : 0.92;
}

double shapes(double x, double y, double side) {
    if (std::hypot(x - 0.34, y - 0.34) < 0.24) return 0.95;
    if (x > 0.55 && x < 0.9 && y > 0.55 && y < 0.9) return 0.1;
    // Single bright pixels in the corner that is left: they show the kernel itself.
    const auto column = static_cast<std::int64_t>(x * side),
               row = static_cast<std::int64_t>(y * side);
    const bool corner = x > 0.62 && y < 0.48;
    return corner && column % 11 == 5 && row % 11 == 5 ? 1.0 : 0.4;
}

double lines(double x, double y, double side) {
    const double dx = x - 0.5, dy = y - 0.5, radius = std::hypot(dx, dy);
    if (radius < 0.08 || radius > 0.47) return 0.75;
    // Spokes a pixel and a half wide, every 15 degrees.
    const double step = std::numbers::pi / 12;
    const double angle = std::atan2(dy, dx);
    const double off = std::abs(angle - std::round(angle / step) * step) * radius * side;
    return std::clamp(off - 0.25, 0.0, 1.0) * 0.7 + 0.05;
}

}  // namespace

Image test_card(std::int64_t size) {
    Image card = Image::interleaved(SampleType::u8, 1, size, size);
    const std::int64_t half = size / 2;
    const auto side = static_cast<double>(half);
    constexpr double (*kQuarters[])(double, double, double) = {rings, ramp_and_bars, shapes, lines};
    for (std::int64_t row = 0; row < size; ++row) {
        for (std::int64_t column = 0; column < size; ++column) {
            const std::int64_t down = std::min<std::int64_t>(row / half, 1);
            const std::int64_t across = std::min<std::int64_t>(column / half, 1);
            const double x = static_cast<double>(column - across * half) / side;
            const double y = static_cast<double>(row - down * half) / side;
            const double value = kQuarters[down * 2 + across](x, y, side);
            card.data<std::uint8_t>()[row * size + column] =
                static_cast<std::uint8_t>(std::lround(255 * value));
        }
    }
    return card;
}

}  // namespace conv
