#pragma once

#include <cstdint>
#include <vector>

#include "conv/method.hpp"

namespace conv {

/// Cells of side x side samples that the windows of a block of side x side outputs touch.
struct CellReach {
    std::int64_t side, rows, columns;
};

/// The weights that a cell's samples meet at least, over the map's sum |w|, the least over the maps
/// of a group.
struct SmallestWeights {
    std::vector<float> values;  ///< [group][c][cell row][cell column]
    double
        part;  ///< of a constant picture's sum |w||x| that they account for, the least over groups
};
SmallestWeights smallest_weights(const Problem& problem, const Weights& weights,
                                 const CellReach& reach);

/// The largest |w| of a map over its sum |w|, summed over the channels; of all maps the largest.
double largest_weight_share(const Problem& problem, const Weights& weights);

}  // namespace conv
