#pragma once

#include <cstdint>
#include <vector>

namespace conv {

/// Most floats that a vector of direct_rows holds: inputs of narrow results are read, and ignored,
/// up to this many floats from the first one on.
inline constexpr std::int64_t kDirectLanes = 16;
/// Output rows that direct_rows computes at once where it can.
inline constexpr std::int64_t kDirectRows = 6;

/// One map of one tile as direct_rows sees it: lines of floats and places in them, in floats. The
/// pictures, the border, strides and dilations are all in these distances.
///
///   out[t*out_step + x] = bias + sum over c,r,s of
///       weights[c,r,s] * lines[c*channel_step + (t*row_step + r)*line_step + taps[s] + x]
struct DirectRows {
    const float* lines;
    std::int64_t channel_step, line_step, row_step;
    const std::int64_t* taps;  ///< S places
    const float* weights;      ///< C x S x R, r backwards: see direct_weights
    float bias;
    std::int64_t channels, R, S;
    float* out;
    std::int64_t out_step;
    std::int64_t rows, columns;
};

/// The weights of direct_rows, from channels x R x S: neighbours in memory are what one input
/// sample is multiplied by in successive output rows, [c][s][R-1-r].
std::vector<float> direct_weights(const float* weights, std::int64_t channels, std::int64_t R,
                                  std::int64_t S);

/// Computes a map of a tile with the best instruction set of this processor. Each output is one
/// float32 sum, whose order depends on the sizes alone, never on its place.
void direct_rows(const DirectRows& rows);

}  // namespace conv
