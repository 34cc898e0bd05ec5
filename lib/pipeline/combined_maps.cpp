#include "pipeline/combined_maps.hpp"

#include <cmath>

#include "pipeline/normalisation.hpp"

namespace conv {

void divide_by_opacity(float* line, std::size_t map, const FilteredPage& of) {
    const Normalisation weights(of.bank, map, of.channels.full_opacity);
    const std::int64_t lanes = of.problem.N;
    for (std::int64_t q = 0; q < of.problem.Q(); ++q, line += lanes) {
        const double A = static_cast<double>(line[lanes - 1]);
        const bool visible = weights.enough(A);
        for (std::int64_t n = 0; n + 1 < lanes; ++n) {
            const double x = static_cast<double>(line[n]);
            line[n] = visible ? weights.divided(x, A) : 0.0F;
        }
        line[lanes - 1] = weights.opacity(A);
    }
}

void combine_maps(const TensorView<float>& sums, std::int64_t row, const FilteredPage& of) {
    const std::int64_t lanes = of.problem.N, count = of.problem.Q() * lanes;
    const Combine rule = of.settings.combine;
    float* first = &sums(0, 0, row, 0);
    const auto is_alpha = [&](std::int64_t i) {
        return of.channels.weighted && i % lanes == lanes - 1;
    };
    for (std::int64_t i = 0; i < count; ++i) {
        double result = static_cast<double>(first[i]);
        const bool largest = rule == Combine::max || is_alpha(i);
        const bool squared = rule == Combine::l2 && !is_alpha(i);
        if (squared) result *= result;
        for (std::int64_t k = 1; k < of.problem.K; ++k) {
            const double x = static_cast<double>(first[k * sums.strides.C + i]);
            if (largest) {
                result = std::isnan(x) || x > result ? x : result;
            } else {
                result += squared ? x * x : x;
            }
        }
        first[i] = static_cast<float>(squared ? std::sqrt(result) : result);
    }
}

}  // namespace conv
