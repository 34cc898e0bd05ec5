#include "cpu/naive.hpp"

#include <cassert>

#include "conv/run_contract.hpp"

namespace conv {
namespace {

/// The padded picture at (h, w), which may lie outside the stored one.
float padded_sample(const Source& src, const Border& border, const Shape& at) {
    const std::int64_t h = border_index(border.mode, at.H, src.shape.H);
    const std::int64_t w = border_index(border.mode, at.W, src.shape.W);
    if (h < 0 || w < 0) return constant_value(border, src, at.N, at.C);
    return src.at(at.N, at.C, h, w);
}

double output_sum(const Problem& p, std::span<const float> weights, const Source& src,
                  const Shape& out) {
    const auto [n, k, row, column] = out;
    const std::int64_t channels = p.group_channels();
    const std::int64_t first_channel = k / p.group_kernels() * channels;
    double sum = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t r = 0; r < p.R; ++r) {
            for (std::int64_t s = 0; s < p.S; ++s) {
                const std::int64_t h = row * p.stride_h + r * p.dilation_h - p.padding.top;
                const std::int64_t w = column * p.stride_w + s * p.dilation_w - p.padding.left;
                const auto index =
                    static_cast<std::size_t>(((k * channels + c) * p.R + r) * p.S + s);
                sum +=
                    static_cast<double>(weights[index]) *
                    static_cast<double>(padded_sample(src, p.border, {n, first_channel + c, h, w}));
            }
        }
    }
    return sum;
}

Plan prepare_naive(const Problem& problem, const Weights& weights) {
    Plan plan;
    plan.kept_bytes = problem.weight_bytes();
    plan.run = [problem, values = std::vector<float>(weights.values.begin(), weights.values.end()),
                bias = std::vector<float>(weights.bias.begin(), weights.bias.end())](
                   const Source& src, RowRange rows, TensorView<float> dst, float*) {
        assert(run_operands_fit(problem, src, rows, dst));
        for (std::int64_t n = 0; n < problem.N; ++n) {
            for (std::int64_t k = 0; k < problem.K; ++k) {
                const double offset =
                    bias.empty() ? 0.0 : static_cast<double>(bias[static_cast<std::size_t>(k)]);
                for (std::int64_t p = 0; p < rows.count; ++p) {
                    for (std::int64_t q = 0; q < problem.Q(); ++q) {
                        dst(n, k, p, q) = static_cast<float>(
                            output_sum(problem, values, src, {n, k, rows.first + p, q}) + offset);
                    }
                }
            }
        }
    };
    return plan;
}

Offer naive_offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    return {.seconds = p.macs() * profile[Step::oracle_product],
            .memory = {.kept = p.weight_bytes()},
            .prepare = [p, weights] { return prepare_naive(p, weights); }};
}

}  // namespace

Method naive_method(const MachineProfile& profile) {
    return {.name = "naive",
            .summary = "the nested loops of the definition, in double precision: the oracle",
            .offer = [profile](const Problem& p, const Weights& weights) {
                return naive_offer(p, weights, profile);
            }};
}

}  // namespace conv
