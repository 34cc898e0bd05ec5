#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "tensor/convert.hpp"

namespace conv {

/// What one thread gathers while it finishes rows, and its scratch.
struct Tally {
    Lost lost;
    double least = std::numeric_limits<double>::infinity();  ///< of finite colour values
    double greatest = -std::numeric_limits<double>::infinity();
    std::vector<float> row;
    std::vector<std::byte> samples;
    bool may_miss = false;            ///< the rows at hand may hold kMissingSample
    std::vector<std::int64_t> marks;  ///< samples of a row that nothing counts for
    std::vector<float> weights;       ///< of a row's pixels, as the selection says
    std::vector<float> input;         ///< samples of the input
};

}  // namespace conv
