#pragma once

#include <memory>

#include "drawing/canvas.hpp"

namespace conv {

/// Draws pixels, antialiased, and encodes them as PNG. In the module conv_opencv.so.
std::unique_ptr<Canvas> make_raster_canvas(double width, double height);

}  // namespace conv
