#include "cpu/separable/terms.hpp"

#include <algorithm>
#include <utility>

namespace conv {
namespace {

// More terms are as good as none, and looking for them in a large kernel takes long.
constexpr std::int64_t kMostTerms = 16;

std::optional<LowRank> kernel_factors(const Problem& p, const Weights& weights, std::int64_t k,
                                      std::int64_t c) {
    const std::int64_t window = (k * p.group_channels() + c) * p.R * p.S;
    return factor_kernel(weights.values.data() + window, p.R, p.S, most_terms(p));
}

std::optional<MapTerms> factored_map(const Problem& p, const Weights& weights, std::int64_t k) {
    MapTerms map;
    for (std::int64_t c = 0; c < p.group_channels(); ++c) {
        const auto kernel = kernel_factors(p, weights, k, c);
        if (!kernel) return std::nullopt;
        map.magnitude += kernel->magnitude;
        for (std::int64_t i = 0; i < kernel->rank(); ++i) {
            const auto at = static_cast<std::size_t>(i);
            map.channels.push_back(c);
            map.columns.push_back(kernel->columns[at]);
            const auto& row = kernel->rows[at];
            map.rows.insert(map.rows.end(), row.begin(), row.end());
        }
    }
    return map;
}

}  // namespace

std::int64_t most_terms(const Problem& p) {
    return std::min(kMostTerms, (p.R * p.S - 1) / (p.R + p.S));
}

std::int64_t most_terms_of(const std::vector<MapTerms>& maps) {
    std::int64_t most = 0;
    for (const MapTerms& map : maps) most = std::max(most, map.terms());
    return most;
}

std::optional<std::vector<MapTerms>> factored_maps(const Problem& p, const Weights& weights) {
    std::vector<MapTerms> maps;
    for (std::int64_t k = 0; k < p.K; ++k) {
        std::optional<MapTerms> map = factored_map(p, weights, k);
        if (!map) return std::nullopt;
        maps.push_back(std::move(*map));
    }
    return maps;
}

}  // namespace conv
