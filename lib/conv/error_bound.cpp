#include "conv/error_bound.hpp"

#include <algorithm>
#include <cmath>

namespace conv {
namespace {

constexpr double kEpsilon = 1.0 / (1 << 23);

Problem magnitude_problem(Problem p) {
    for (float& value : p.border.values) value = std::abs(value);
    return p;
}

}  // namespace

ErrorBound::ErrorBound(const Device& device, const Problem& problem, const Weights& weights)
    : ulps_(kEpsilon * static_cast<double>(problem.group_channels() * problem.R * problem.S)),
      slack_(problem.facts.slack),
      biases_(static_cast<std::size_t>(problem.K), 0.0) {
    std::vector<float> sizes(weights.values.begin(), weights.values.end());
    for (float& w : sizes) w = std::abs(w);
    for (std::size_t k = 0; k < weights.bias.size(); ++k) {
        biases_[k] = std::abs(double{weights.bias[k]});
    }
    plan_ = find_method(device, "gemm").offer(magnitude_problem(problem), {sizes, {}}).prepare();
}

Source ErrorBound::magnitudes(const Source& source) {
    Source sizes = source;
    sizes.magnitudes = true;
    return sizes;
}

double ErrorBound::allowed(std::int64_t k, double sum, double factor) const {
    return std::min(factor * ulps_, kLocalError) * sum +
           kEpsilon * biases_[static_cast<std::size_t>(k)] + slack_;
}

}  // namespace conv
