#include "cpu/separable/separable.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>

#include "base/error.hpp"
#include "conv/run_contract.hpp"
#include "cpu/separable/passes.hpp"
#include "cpu/tile/lanes.hpp"

namespace conv {
namespace {

using Maps = std::vector<MapTerms>;

std::string too_many_terms(const Problem& p) {
    return fmt::format(
        "the kernel is not a sum of {} or fewer products of a column and a row, so two passes cost "
        "more than one",
        most_terms(p));
}

double error_factor(const Problem& p, const Weights& weights, const Maps& maps) {
    double growth = 1;
    const auto each = static_cast<std::ptrdiff_t>(p.group_channels() * p.R * p.S);
    auto first = weights.values.begin();
    for (const MapTerms& map : maps) {
        double norm = 0;
        for (const float w : std::span(first, first + each)) norm += std::abs(double{w});
        if (norm > 0) growth = std::max(growth, map.magnitude / norm);
        first += each;
    }
    return growth + 1;
}

Memory memory_of(const Problem& p, const Maps& maps) {
    const Tiling tiling(p);
    const SeparableMiddle middle(p, tiling, most_terms_of(maps));
    std::int64_t floats = 0;
    for (const MapTerms& map : maps) floats += map.terms() * (p.R + p.S);
    return {floats * static_cast<std::int64_t>(sizeof(float)),
            SeparableScratch(p, tiling, middle).bytes(), tiling.rows};
}

Plan prepare(const Problem& problem, const Memory& memory, Maps maps, const Weights& weights) {
    const auto passes = std::make_shared<const TwoPasses>(problem, std::move(maps), weights.bias);
    Plan plan;
    plan.workspace_bytes = memory.workspace;
    plan.kept_bytes = memory.kept;
    plan.block_rows = memory.block_rows;
    plan.run = [passes](const Source& src, RowRange rows, TensorView<float> dst, float* workspace) {
        assert(run_operands_fit(passes->problem(), src, rows, dst));
        passes->run(
            src, rows, workspace,
            [&](std::int64_t k, const RowSums& sums, std::int64_t row, std::int64_t column) {
                row_sums(sums, &dst(0, k, row, column), dst.strides.H);
            });
    };
    if (!passes->never_overflows()) return plan;
    plan.run_u8 = [passes](const Source& src, RowRange rows, TensorView<std::uint8_t> dst,
                           float* workspace) {
        assert(run_operands_fit(passes->problem(), src, rows, dst));
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

/// A sample on its way in and a result on its way out. Bytes are converted and rounded in
/// registers, floats come and go through caches; words lie between them, measured.
double sample_seconds(SampleType type, const MachineProfile& profile) {
    const double byte = profile[Step::pass_byte], number = profile[Step::pass_sample];
    return type == SampleType::u8 ? byte : type == SampleType::f32 ? number : (byte + number) / 2;
}

// Column passes run about as fast as direct does, and row passes too where taps share vectors. The
// first taps, a vector's worth, share none: unaligned loads then limit a row pass, whatever the
// vector's size.
double seconds(const Problem& p, const Maps& maps, const MachineProfile& profile) {
    double terms = 0;
    for (const MapTerms& map : maps) terms += static_cast<double>(map.terms());
    const std::int64_t lanes = vector_lanes();
    const double mac = profile[Step::pass_vector] / static_cast<double>(lanes);
    const std::int64_t alone = p.stride_w == 1 ? std::min(p.S, lanes) : p.S;
    const double column = static_cast<double>(p.R * p.stride_w) * mac;
    const double row = static_cast<double>(alone) * profile[Step::pass_load] +
                       static_cast<double>(p.S - alone) * mac;
    const double middle = static_cast<double>(p.stride_w) * profile[Step::pass_middle];
    const double sample = sample_seconds(p.facts.samples, profile);
    const double picture = static_cast<double>(p.N * p.H) * static_cast<double>(p.W);
    const double result = static_cast<double>(p.N * p.P()) * static_cast<double>(p.Q());
    return result * terms * (column + middle + row) +
           (picture * static_cast<double>(p.C) + result * static_cast<double>(p.K)) * sample;
}

Offer offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    if (p.R == 1 || p.S == 1) return refuse("the kernel is one row or one column already");
    if (most_terms(p) == 0) {
        return refuse(fmt::format("two passes cost more than one for a {}x{} kernel", p.R, p.S));
    }
    const std::optional<Maps> maps = factored_maps(p, weights);
    if (!maps) return refuse(too_many_terms(p));
    const Memory memory = memory_of(p, *maps);
    return {.seconds = seconds(p, *maps, profile),
            .error_factor = error_factor(p, weights, *maps),
            .memory = memory,
            .prepare = [p, memory, maps, weights] { return prepare(p, memory, *maps, weights); }};
}

}  // namespace

Method separable_method(const MachineProfile& profile) {
    return {.name = "separable",
            .summary = "a column pass and a row pass, for kernels of low rank",
            .offer = [profile](const Problem& p, const Weights& weights) {
                return offer(p, weights, profile);
            }};
}

}  // namespace conv
