#pragma once

#include <string>

#include "compare/measure.hpp"
#include "drawing/canvas.hpp"

namespace conv {

/// The largest difference of any method from the reference at each pixel, from black at 0 to white
/// at the largest, with a bar that says how large: the bytes of the drawing that `path` names.
/// `width` are the picture's columns.
std::string draw_difference(const std::string& path, const Comparison& comparison,
                            std::int64_t width, Ground ground = Ground::white);

}  // namespace conv
