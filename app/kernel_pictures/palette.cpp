#include "kernel_pictures/palette.hpp"

#include <algorithm>
#include <cmath>

namespace conv {
namespace {

constexpr Colour kLeast{16, 42, 120}, kZero{158, 158, 158}, kGreatest{255, 246, 178};

std::uint8_t between(std::uint8_t from, std::uint8_t to, double part) {
    return static_cast<std::uint8_t>(std::lround(from + part * (to - from)));
}

}  // namespace

Colour diverging_colour(double x) {
    const double part = std::min(std::abs(x), 1.0);
    const Colour end = x < 0 ? kLeast : kGreatest;
    return {between(kZero.red, end.red, part), between(kZero.green, end.green, part),
            between(kZero.blue, end.blue, part)};
}

Colour letters_on(Colour background) {
    const double lightness =
        0.299 * background.red + 0.587 * background.green + 0.114 * background.blue;
    return lightness < 120 ? kWhite : kBlack;
}

}  // namespace conv
