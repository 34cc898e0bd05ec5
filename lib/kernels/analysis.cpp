#include "kernels/analysis.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/kernel_values.hpp"

namespace conv {
namespace {

bool equals_itself_turned(const double* plane, std::int64_t count) {
    for (std::int64_t i = 0; i < count / 2; ++i) {
        if (plane[i] != plane[count - 1 - i]) return false;
    }
    return true;
}

int rank_of(const Decomposition& parts, const Kernel& kernel) {
    constexpr double kTolerance = 1e-6;
    const bool all_found =
        parts.rest == 0 || parts.rest <= kTolerance * parts.singular_values.front();
    return all_found ? numerical_rank(parts.singular_values, kTolerance)
                     : static_cast<int>(std::min(kernel.R, kernel.S));
}

}  // namespace

bool sums_to_zero(double sum, double absolute_sum) {
    constexpr double kPart = 1e-6;
    return std::abs(sum) <= kPart * absolute_sum;
}

KernelProperties analyse_kernel(const Kernel& kernel) {
    const std::vector<double> weights = scaled_values(kernel);
    KernelProperties properties;
    for (const double weight : weights) {
        properties.sum += weight;
        properties.absolute_sum += std::abs(weight);
    }
    const auto [minimum, maximum] = std::minmax_element(weights.begin(), weights.end());
    properties.minimum = *minimum;
    properties.maximum = *maximum;
    properties.zero_sum = sums_to_zero(properties.sum, properties.absolute_sum);
    properties.integers = std::all_of(kernel.values.begin(), kernel.values.end(),
                                      [](double value) { return value == std::floor(value); });
    const std::int64_t plane = kernel.R * kernel.S;
    properties.point_symmetric = true;
    for (std::int64_t p = 0; p < kernel.K * kernel.C; ++p) {
        const double* const first = weights.data() + p * plane;
        const Decomposition parts = decompose({first, first + plane}, kernel.R, kernel.S);
        properties.rank = std::max(properties.rank, rank_of(parts, kernel));
        properties.point_symmetric =
            properties.point_symmetric && equals_itself_turned(first, plane);
    }
    properties.separable = properties.rank <= 1;
    return properties;
}

}  // namespace conv
