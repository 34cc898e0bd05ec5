#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "conv/method.hpp"
#include "cpu/separable/low_rank.hpp"

namespace conv {

/// The most terms that take fewer multiplications than the window itself.
std::int64_t most_terms(const Problem& p);

/// The factors of the kernel of map k and its channel c; nothing where they are too many.
std::optional<LowRank> kernel_factors(const Problem& p, const Weights& weights, std::int64_t k,
                                      std::int64_t c);

/// One map: its terms, those of one channel after the other.
struct MapTerms {
    std::vector<std::int64_t> channels;       ///< of each term
    std::vector<std::vector<float>> columns;  ///< of each term
    std::vector<float> rows;                  ///< of all terms
    double magnitude = 0;                     ///< as LowRank::magnitude, of all channels

    std::int64_t terms() const { return static_cast<std::int64_t>(channels.size()); }
};

/// Every map; each kernel must have factors.
std::vector<MapTerms> factored_maps(const Problem& p, const Weights& weights);

/// Visits the factors of every kernel: body(map, factors).
template <typename Body>
void for_each_kernel(const Problem& p, const Weights& weights, const Body& body) {
    for (std::int64_t k = 0; k < p.K; ++k) {
        for (std::int64_t c = 0; c < p.group_channels(); ++c) {
            body(k, *kernel_factors(p, weights, k, c));
        }
    }
}

}  // namespace conv
