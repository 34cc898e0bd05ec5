#pragma once

#include <string>
#include <vector>

#include "drawing/canvas.hpp"
#include "kernels/kernel.hpp"

namespace conv {

/// Draws every plane of the kernels as a heat map with its numbers, where they fit, and beside it
/// how much it passes of each frequency, for one or two planes also as curves in decibels. `path`
/// says the format, .svg or .png; returns the file's bytes. Throws Error{usage} for more planes
/// than a sheet holds.
std::string draw_kernels(const std::vector<Kernel>& kernels, const std::string& path,
                         Ground ground = Ground::white);

}  // namespace conv
