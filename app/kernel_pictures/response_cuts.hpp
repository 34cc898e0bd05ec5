#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "drawing/canvas.hpp"

namespace conv {

/// Gains of a kernel along one axis of frequencies, from 0 to half a cycle per pixel.
struct ResponseCut {
    std::string name;
    std::vector<double> gains;
    Stroke stroke;
};

/// Horizontal and vertical frequencies of R x S weights, row by row: the responses of the sums of
/// their columns and of their rows.
std::vector<ResponseCut> response_cuts(std::span<const double> weights, std::int64_t R,
                                       std::int64_t S);

/// The cuts as curves in decibels, 20 log10 of the gain, 60 dB down from the largest; 0 dB leaves
/// a frequency as it is. Title and names stand above the box, the frequencies below.
void draw_response_cuts(Canvas& canvas, const Box& box, const std::vector<ResponseCut>& cuts);

}  // namespace conv
