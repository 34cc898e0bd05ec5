#pragma once

#include <vector>

#include "kernels/kernel.hpp"

namespace conv {

/// The kernel turned clockwise by 45 degrees: a 3x3 ring shifted by one cell. False where it is not
/// 3x3, and then left alone.
bool rotate_by_45(Kernel& kernel);

/// The kernel turned clockwise by 90 degrees, its anchor with it.
void rotate_by_90(Kernel& kernel);

/// Turned clockwise by `degrees`, rounded to the nearest step of 45. False for a step that
/// the kernel's shape cannot take.
bool rotate_by(Kernel& kernel, double degrees);

/// The kernel and its distinct rotations by `step` (45 or 90) degrees, in order. Empty where the
/// shape cannot be turned so.
std::vector<Kernel> all_rotations(const Kernel& kernel, int step);

/// ImageMagick's "mirrored" list: the kernel, it turned by 180, by 270 and by 90 degrees.
std::vector<Kernel> mirrored_rotations(const Kernel& kernel);

}  // namespace conv
