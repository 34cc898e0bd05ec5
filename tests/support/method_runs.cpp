#include "support/method_runs.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"
#include "conv/convolve.hpp"
#include "conv/error_bound.hpp"
#include "cpu/cpu_device.hpp"

namespace conv::test {

Strides batch_strides(const Shape& s, bool interleaved) {
    if (!interleaved) return planar_strides(s);
    return {1, s.H * s.W * s.N, s.W * s.N, s.N};
}

std::vector<float> run_method(const Device& device, const std::string& method, const Problem& p,
                              const Source& src, const Weights& weights, bool interleaved,
                              int threads) {
    GuardedTensor dst(p.dst_shape(), batch_strides(p.dst_shape(), interleaved));
    const Choice choice = convolve(device, method, p, src, weights, dst.view(),
                                   {.threads = threads, .max_memory = {}, .memory_in_use = 0});
    if (method != "auto") CHECK(choice.method->name == method);
    CHECK(dst.guards_intact());
    return dst.values();
}

std::vector<float> run_method(const Device& device, const std::string& method, const Problem& p,
                              const Operands& operands, bool interleaved, int threads) {
    const Source src(TensorView<const float>{operands.src.data(), p.src_shape(),
                                             batch_strides(p.src_shape(), interleaved)});
    return run_method(device, method, p, src, operands.view(), interleaved, threads);
}

ErrorRatios error_ratios(const Problem& p, const Operands& operands,
                         const std::vector<float>& result, const std::vector<float>& oracle,
                         double factor, bool interleaved) {
    Operands sizes = operands;
    for (float& x : sizes.src) x = std::abs(x);
    for (float& w : sizes.weights) w = std::abs(w);
    std::fill(sizes.bias.begin(), sizes.bias.end(), 0.0F);
    Problem magnitudes = p;
    for (float& x : magnitudes.border.values) x = std::abs(x);
    const Device device = cpu_device();
    const auto sums = run_method(device, "direct", magnitudes, sizes, interleaved);
    const ErrorBound bound(device, p, operands.view());
    ErrorRatios ratios;
    const Shape shape = p.dst_shape();
    const Strides strides = batch_strides(shape, interleaved);
    for (std::int64_t k = 0; k < p.K; ++k) {
        const double bias = std::abs(double{operands.bias[static_cast<std::size_t>(k)]});
        for (std::int64_t i = 0; i < shape.N * shape.H * shape.W; ++i) {
            const std::int64_t pixel = i % (shape.H * shape.W);
            const auto at =
                static_cast<std::size_t>(i / (shape.H * shape.W) * strides.N + k * strides.C +
                                         pixel / shape.W * strides.H + pixel % shape.W * strides.W);
            if (!std::isfinite(oracle[at]) && !std::isfinite(result[at])) continue;
            const double error = std::abs(double{result[at]} - double{oracle[at]});
            // The oracle is rounded, too.
            const double allowed = bound.allowed(k, double{sums[at]}, factor) +
                                   std::abs(double{oracle[at]}) / (1 << 24);
            if (error == 0) continue;
            ratios.worst =
                std::max(ratios.worst, std::isnan(error) ? std::numeric_limits<double>::infinity()
                                                         : error / allowed);
            ratios.mean += error / (double{sums[at]} + bias) / static_cast<double>(oracle.size());
        }
    }
    return ratios;
}

double worst_error_ratio(const Problem& p, const Operands& operands,
                         const std::vector<float>& result, const std::vector<float>& oracle,
                         double factor, bool interleaved) {
    return error_ratios(p, operands, result, oracle, factor, interleaved).worst;
}

std::vector<NamedProblem> all_problems() {
    std::vector<NamedProblem> problems = named_problems();
    for (NamedProblem& swept : size_sweep()) problems.push_back(std::move(swept));
    return problems;
}

}  // namespace conv::test
