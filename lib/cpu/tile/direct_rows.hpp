#pragma once

#include <cstdint>
#include <vector>

#include "cpu/tile/lanes.hpp"

namespace conv {

/// One map of one tile as direct_rows sees it, or a few: lines of floats and places in them, in
/// floats. The pictures, the border, strides and dilations are all in these distances.
///
///   out[k*map_step + t*out_step + x] = bias[k] + sum over c,r,s of
///       weights[k,c,r,s] * lines[c*channel_step + (t*row_step + r)*line_step + taps[s] + x]
struct DirectRows {
    const float* lines;
    std::int64_t channel_step, line_step, row_step;
    const std::int64_t* taps;  ///< S places
    const float* weights;      ///< as direct_weights, or direct_map_weights for several maps
    /// From a tap's weights to the next one's: R, or the number of maps; and to the next channel's.
    std::int64_t weight_step, weight_channel;
    /// Of several maps: from a row of a window's weights to the next one's.
    std::int64_t weight_row = 0;
    const float* bias;  ///< of each map
    std::int64_t channels, R, S;
    float* out;
    std::int64_t out_step;
    std::int64_t rows, columns;
    std::int64_t maps = 1;  ///< up to kRowsTogether
    std::int64_t map_step = 0;
    /// `out` is written past the caches; it, out_step and map_step are multiples of kLanes floats.
    bool past_caches = false;
    bool far = false;  ///< lines come from main memory rather than a cache
};

/// The weights of one map, from channels x R x S: neighbours in memory are what one input sample is
/// multiplied by in successive output rows, [c][s][R-1-r].
std::vector<float> direct_weights(const float* weights, std::int64_t channels, std::int64_t R,
                                  std::int64_t S);

/// The weights of several maps, from maps x window: neighbours are what one sample is multiplied by
/// in the maps, [window][map].
std::vector<float> direct_map_weights(const float* weights, std::int64_t maps, std::int64_t window);

/// Fewer maps share less of the input than the rows of a low window.
inline constexpr std::int64_t kLeastMaps = 3;

/// Whether maps of one row are better computed together than rows of one map: these share input
/// vectors as well as maps do, but not if the window is low or they have no lines in common.
bool maps_share_lines(std::int64_t R, std::int64_t row_step, std::int64_t maps);

/// Products that are added up in float32 at most; the sums of such parts are added in double
/// precision. So |out - exact| <= (kProductsTogether + 1) * eps/2 * sum |w x|, 0.87e-5 of it,
/// whatever the window's size.
inline constexpr std::int64_t kProductsTogether = 144;

/// Computes maps of a tile with the best instruction set of this processor. A window of up to
/// kProductsTogether products is one float32 sum, a larger one a sum of such sums, parts of its
/// rows and columns, each rounded once more at its end. Their order depends on the sizes alone,
/// never on the place of an output.
void direct_rows(const DirectRows& rows);

/// Steps (Step::direct_vector) that one tap of one row or map of `columns` sums takes, where as
/// many rows or maps as can be are computed at once.
double direct_columns_vectors(std::int64_t columns);

}  // namespace conv
