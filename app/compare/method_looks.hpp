#pragma once

#include <string>

#include "drawing/canvas.hpp"

namespace conv {

/// A square on its corner, `radius` from its middle to each.
void draw_diamond(Canvas& canvas, Point at, double radius, const Paint& paint);

/// The marker of the method of `label` ("gemm", "opencl:0 gemm", "gemm, 2 thr."), the same in every
/// chart whatever else is in it; hollow for a device that is not the processor.
void draw_marker(Canvas& canvas, Point at, const std::string& label);

/// The colour of its lines.
Colour colour_of(const std::string& label);

}  // namespace conv
