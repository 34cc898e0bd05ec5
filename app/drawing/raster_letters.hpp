#pragma once

#include <opencv2/core.hpp>
#include <string_view>

namespace conv {

/// The coverage, 0 to 255, of one line of UTF-8 text whose letters are `size` pixels high, as in
/// SVG: two thirds of the rows are above the baseline. In DejaVu Sans, which SVG figures ask for
/// too; where it is not installed, in OpenCV's own strokes, which have ASCII letters alone.
cv::Mat text_ink(std::string_view words, double size, bool bold);

}  // namespace conv
