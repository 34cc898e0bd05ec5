#include "cpu/separable/separable.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/error.hpp"
#include "cpu/separable/passes.hpp"
#include "cpu/tile/lanes.hpp"

namespace conv {
namespace {

std::string rejects(const Problem& p, const Weights& weights) {
    if (p.R == 1 || p.S == 1) return "the kernel is one row or one column already";
    if (most_terms(p) == 0) {
        return fmt::format("two passes cost more than one for a {}x{} kernel", p.R, p.S);
    }
    for (std::int64_t k = 0; k < p.K; ++k) {
        for (std::int64_t c = 0; c < p.group_channels(); ++c) {
            if (kernel_factors(p, weights, k, c)) continue;
            return fmt::format(
                "the kernel is not a sum of {} or fewer products of a column and a row, so two "
                "passes cost more than one",
                most_terms(p));
        }
    }
    return {};
}

double error_factor(const Problem& p, const Weights& weights) {
    std::vector<double> magnitudes(static_cast<std::size_t>(p.K));
    for_each_kernel(p, weights, [&](std::int64_t k, const LowRank& kernel) {
        magnitudes[static_cast<std::size_t>(k)] += kernel.magnitude;
    });
    double growth = 1;
    const auto each = static_cast<std::ptrdiff_t>(p.group_channels() * p.R * p.S);
    auto first = weights.values.begin();
    for (const double magnitude : magnitudes) {
        double norm = 0;
        for (const float w : std::span(first, first + each)) norm += std::abs(double{w});
        if (norm > 0) growth = std::max(growth, magnitude / norm);
        first += each;
    }
    return growth + 1;
}

std::int64_t workspace_bytes(const Problem& p, const Weights& weights) {
    std::vector<std::int64_t> terms(static_cast<std::size_t>(p.K));
    for_each_kernel(p, weights, [&](std::int64_t k, const LowRank& kernel) {
        terms[static_cast<std::size_t>(k)] += kernel.rank();
    });
    const Tiling tiling(p);
    const std::int64_t most = *std::max_element(terms.begin(), terms.end());
    return SeparableScratch(p, tiling, SeparableMiddle(p, tiling, most)).bytes();
}

Plan prepare(const Problem& problem, const Weights& weights) {
    const auto passes = std::make_shared<const TwoPasses>(problem, weights);
    Plan plan;
    plan.workspace_bytes = passes->workspace_bytes();
    plan.block_rows = passes->block_rows();
    plan.run = [passes](const Source& src, RowRange rows, TensorView<float> dst, float* workspace) {
        passes->run(
            src, rows, workspace,
            [&](std::int64_t k, const RowSums& sums, std::int64_t row, std::int64_t column) {
                row_sums(sums, &dst(0, k, row, column), dst.strides.H);
            });
    };
    if (!passes->never_overflows()) return plan;
    plan.run_u8 = [passes](const Source& src, RowRange rows, TensorView<std::uint8_t> dst,
                           float* workspace) {
        Lost lost;
        passes->run(
            src, rows, workspace,
            [&](std::int64_t k, const RowSums& sums, std::int64_t row, std::int64_t column) {
                lost += row_sums(sums, &dst(0, k, row, column), dst.strides.H);
            });
        return lost;
    };
    return plan;
}

// Measured on a Zen 5 core with AVX-512 and held to AVX2, 2048 x 2048 pictures, windows of 3x3 to
// 51x51: column passes run at 110 GMAC/s, about as direct does, and row passes too where taps share
// vectors. The first taps, a vector's worth, share none: unaligned loads then limit a row pass,
// whatever the vector's size. Bytes are converted and rounded in registers, floats come and go
// through the caches.
constexpr double kSecondsPerMac = 1.0 / 110e9;
constexpr double kSecondsPerLoad = 1.0 / 50e9;
constexpr double kSecondsPerMiddle = 0.03e-9;
constexpr double kSecondsPerByte = 0.01e-9, kSecondsPerSample = 0.16e-9;
constexpr double kMeasuredLanes = 16;

double cost(const Problem& p, const Weights& weights) {
    double terms = 0;
    for_each_kernel(p, weights, [&](std::int64_t, const LowRank& kernel) {
        terms += static_cast<double>(kernel.rank());
    });
    const std::int64_t lanes = vector_lanes();
    const double mac = kMeasuredLanes / static_cast<double>(lanes) * kSecondsPerMac;
    const std::int64_t alone = p.stride_w == 1 ? std::min(p.S, lanes) : p.S;
    const double column = static_cast<double>(p.R * p.stride_w) * mac;
    const double row =
        static_cast<double>(alone) * kSecondsPerLoad + static_cast<double>(p.S - alone) * mac;
    const double middle = static_cast<double>(p.stride_w) * kSecondsPerMiddle;
    const double sample = p.samples == SampleType::u8 ? kSecondsPerByte : kSecondsPerSample;
    const double picture = static_cast<double>(p.N * p.H) * static_cast<double>(p.W);
    const double result = static_cast<double>(p.N * p.P()) * static_cast<double>(p.Q());
    return result * terms * (column + middle + row) +
           (picture * static_cast<double>(p.C) + result * static_cast<double>(p.K)) * sample;
}

}  // namespace

Method separable_method() {
    return {.name = "separable",
            .summary = "a column pass and a row pass, for kernels of low rank",
            .rejects = rejects,
            .cost = cost,
            .error_factor = error_factor,
            .workspace_bytes = workspace_bytes,
            .prepare = prepare};
}

}  // namespace conv
