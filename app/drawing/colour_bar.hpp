#pragma once

#include <functional>

#include "drawing/canvas.hpp"

namespace conv {

inline constexpr double kBarLetters = 13;

/// A bar of colours with five of their values to its right: value_at(0) at the bottom, value_at(1)
/// at the top.
void draw_colour_bar(Canvas& canvas, const Box& box,
                     const std::function<double(double part)>& value_at,
                     const std::function<Colour(double value)>& colour);

/// Black at 0, white at 1 and beyond.
Colour grey_level(double part);

}  // namespace conv
