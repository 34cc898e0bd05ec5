#pragma once

#include <memory>

#include "drawing/canvas.hpp"

namespace conv {

/// The same drawing for a dark slide: every colour keeps its hue and turns its lightness round,
/// white to the dark of the sheet and black to white. What shows values or pictures stays as it is.
std::unique_ptr<Canvas> on_dark_sheet(std::unique_ptr<Canvas> canvas, double width, double height);

}  // namespace conv
