#pragma once

#include <memory>

#include "drawing/canvas.hpp"

namespace conv {

/// Writes SVG 1.1 text.
std::unique_ptr<Canvas> make_svg_canvas(double width, double height);

}  // namespace conv
