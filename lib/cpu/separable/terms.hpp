#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "conv/method.hpp"
#include "cpu/separable/low_rank.hpp"

namespace conv {

/// The most terms that take fewer multiplications than the window itself.
std::int64_t most_terms(const Problem& p);

/// One map: its terms, those of one channel after the other.
struct MapTerms {
    std::vector<std::int64_t> channels;       ///< of each term
    std::vector<std::vector<float>> columns;  ///< of each term
    std::vector<float> rows;                  ///< of all terms
    double magnitude = 0;                     ///< as LowRank::magnitude, of all channels

    std::int64_t terms() const { return static_cast<std::int64_t>(channels.size()); }
};

/// Terms of the map that has most.
std::int64_t most_terms_of(const std::vector<MapTerms>& maps);

/// Every map; nothing where a kernel is not a sum of most_terms products or fewer.
std::optional<std::vector<MapTerms>> factored_maps(const Problem& p, const Weights& weights);

}  // namespace conv
