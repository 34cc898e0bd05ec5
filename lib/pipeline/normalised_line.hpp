#pragma once

#include <cstdint>

#include "pipeline/normalisation.hpp"

namespace conv {

/// What weighed in the sums of `count` neighbouring outputs of one map.
struct WeighedLine {
    const float* D;              ///< sum(w m)
    const std::uint8_t* counts;  ///< 0 for outputs that stay missing whatever their windows hold
    std::int64_t count;
};

/// The results of a line from its sums N = sum(w m x), in place:
///   N * sum(w) / D + bias   where it counts and D is enough,   else kMissingSample.
void normalise_line(float* sums, const WeighedLine& line, const Normalisation& map);

/// The same for kernels that sum to zero: N - x0 D + bias, x0 the samples under the anchor.
void difference_line(float* sums, const WeighedLine& line, const float* centres, float bias);

/// `from`, one number a pixel, for each of `lanes` channels: to[i * lanes + n] = from[i].
void spread_line(const float* from, std::int64_t pixels, std::int64_t lanes, float* to);

/// The first of `lanes` channels of bytes; returns whether the others are equal to it everywhere.
bool first_of_equal(const std::uint8_t* from, std::int64_t pixels, std::int64_t lanes,
                    std::uint8_t* to);

}  // namespace conv
