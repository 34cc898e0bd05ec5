#pragma once

#include "drawing/canvas.hpp"

namespace conv {

/// The colour of x in [-1, 1]: dark blue at -1, grey at 0, pale yellow at 1. Zero is the middle of
/// both hue and lightness, so that the sign also survives a grey print.
Colour diverging_colour(double x);

/// Sizes of words in pixels.
inline constexpr double kLetters = 13, kTitleLetters = 18;

/// Black or white, whichever stands out from `background`.
Colour letters_on(Colour background);

}  // namespace conv
