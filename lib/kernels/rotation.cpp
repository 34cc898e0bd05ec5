#include "kernels/rotation.hpp"

#include <cmath>
#include <utility>

namespace conv {
namespace {

bool same_weights(const Kernel& a, const Kernel& b) {
    return a.R == b.R && a.S == b.S && a.anchor == b.anchor && a.values == b.values;
}

}  // namespace

bool rotate_by_45(Kernel& kernel) {
    if (kernel.R != 3 || kernel.S != 3) return false;
    // The ring clockwise from the top left corner, as indices of the row-major 3x3 values.
    constexpr std::size_t kRing[] = {0, 1, 2, 5, 8, 7, 6, 3};
    const std::vector<double> old = kernel.values;
    const std::size_t anchor_cell =
        kernel.anchor ? static_cast<std::size_t>(kernel.anchor->y * 3 + kernel.anchor->x) : 4;
    for (std::size_t i = 0; i < 8; ++i) {
        const std::size_t to = kRing[(i + 1) % 8];
        kernel.values[to] = old[kRing[i]];
        if (anchor_cell == kRing[i]) {
            kernel.anchor =
                Anchor{static_cast<std::int64_t>(to % 3), static_cast<std::int64_t>(to / 3)};
        }
    }
    return true;
}

void rotate_by_90(Kernel& kernel) {
    const std::vector<double> old = kernel.values;
    const std::int64_t R = kernel.R, S = kernel.S;
    for (std::int64_t r = 0; r < R; ++r) {
        for (std::int64_t s = 0; s < S; ++s) {
            kernel.values[static_cast<std::size_t>(s * R + R - 1 - r)] =
                old[static_cast<std::size_t>(r * S + s)];
        }
    }
    std::swap(kernel.R, kernel.S);
    if (kernel.anchor) kernel.anchor = Anchor{R - 1 - kernel.anchor->y, kernel.anchor->x};
}

bool rotate_by(Kernel& kernel, double degrees) {
    const auto steps = static_cast<int>(std::lround(std::fmod(degrees, 360.0) / 45.0) + 8) % 8;
    if (steps % 2 == 1 && !rotate_by_45(kernel)) return false;
    for (int i = 0; i < steps / 2; ++i) rotate_by_90(kernel);
    return true;
}

std::vector<Kernel> all_rotations(const Kernel& kernel, int step) {
    std::vector<Kernel> rotations{kernel};
    for (int degrees = step; degrees < 360; degrees += step) {
        Kernel next = rotations.back();
        if (!rotate_by(next, step)) return {};
        if (same_weights(next, kernel)) break;
        rotations.push_back(next);
    }
    return rotations;
}

std::vector<Kernel> mirrored_rotations(const Kernel& kernel) {
    std::vector<Kernel> rotations{kernel};
    for (const double degrees : {180.0, 90.0, 180.0}) {
        Kernel next = rotations.back();
        rotate_by(next, degrees);
        rotations.push_back(next);
    }
    return rotations;
}

}  // namespace conv
