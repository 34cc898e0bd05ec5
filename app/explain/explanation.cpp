#include "explain/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/size.hpp"
#include "conv/device_planner.hpp"
#include "cpu/gemm/row_lowering.hpp"
#include "pipeline/page_problem.hpp"

namespace conv {
namespace {

// A matrix to look at is of a small picture; gemm's choices for one of real size teach more.
constexpr std::int64_t kRealSide = 1000;
constexpr double kMostShownSide = 48, kMostShownCells = 12 * 48;

/// The problem on a picture no smaller than kRealSide.
Problem as_large_picture(Problem p) {
    p.H = std::max(p.H, kRealSide);
    p.W = std::max(p.W, kRealSide);
    return p;
}

/// How many outputs read a sample of the picture through tap `offset` of a line: those with
/// 0 <= output * stride + offset < size.
std::int64_t outputs_inside(std::int64_t outputs, std::int64_t stride, std::int64_t offset,
                            std::int64_t size) {
    const std::int64_t first = offset >= 0 ? 0 : ceil_div(-offset, stride);
    const std::int64_t last = offset >= size ? 0 : ceil_div(size - offset, stride);
    return std::max<std::int64_t>(std::min(last, outputs) - first, 0);
}

/// Pairs (output, tap) that meet a stored sample; under the other borders every pair does.
double meetings(const Problem& p) {
    if (p.border.mode != BorderMode::constant) {
        return static_cast<double>(p.P() * p.Q()) * static_cast<double>(p.R * p.S);
    }
    double vertical = 0, horizontal = 0;
    for (std::int64_t r = 0; r < p.R; ++r) {
        vertical += static_cast<double>(
            outputs_inside(p.P(), p.stride_h, r * p.dilation_h - p.padding.top, p.H));
    }
    for (std::int64_t s = 0; s < p.S; ++s) {
        horizontal += static_cast<double>(
            outputs_inside(p.Q(), p.stride_w, s * p.dilation_w - p.padding.left, p.W));
    }
    return vertical * horizontal;
}

/// What would be convolved, by its sizes alone: a page without samples takes its place.
ChannelSource sizes_only(const Image& page, ChannelPlan plan, const Bank& bank,
                         const FilterSettings& settings) {
    Image shape = page;
    shape.samples.reset();
    if (plan.conversion != ChannelPlan::Conversion::none) {
        shape.shape.C = plan.inputs;
        if (plan.conversion != ChannelPlan::Conversion::select) shape.type = SampleType::f32;
        shape.strides = plan.conversion == ChannelPlan::Conversion::select
                            ? planar_strides(shape.shape)
                            : interleaved_strides(shape.shape);
        plan.conversion = ChannelPlan::Conversion::none;
    }
    return load_channels(shape, plan, bank, settings);
}

std::int64_t bytes_of(const Shape& shape, SampleType type) {
    return checked_product(
        {shape.C, shape.H, shape.W, static_cast<std::int64_t>(sample_bytes(type))}, "a picture");
}

/// The values that results can take, from what one input sample can be.
std::string reach_of(const Explanation& e, double white) {
    double least = 0, greatest = 0;
    const auto map = static_cast<std::size_t>(e.bank.C * e.bank.R * e.bank.S);
    for (std::size_t k = 0; k < static_cast<std::size_t>(e.bank.K); ++k) {
        const double bias = e.bank.bias.empty() ? 0.0 : static_cast<double>(e.bank.bias[k]);
        double below = bias, above = bias;
        for (std::size_t i = k * map; i < (k + 1) * map; ++i) {
            const double reach = static_cast<double>(e.bank.values[i]) * white;
            (reach < 0 ? below : above) += reach;
        }
        least = std::min(least, below);
        greatest = std::max(greatest, above);
    }
    return fmt::format("results lie in {:.6g} .. {:.6g}", least, greatest);
}

std::string range_decision(const Explanation& e) {
    const SampleType depth = e.settings.depth;
    const SampleType type = e.input.document.pages.front().type;
    const std::string reach =
        type == SampleType::f32 ? "" : reach_of(e, sample_maximum(type)) + ", ";
    if (depth == SampleType::f32) {
        return fmt::format("range: {}float32 holds them as they are", reach);
    }
    return fmt::format("range: {}{} into {} (0 .. {:g}), rounded half to even", reach,
                       value_range_name(e.settings.range), sample_type_name(depth),
                       sample_maximum(depth));
}

std::vector<std::string> decisions_of(const Explanation& e) {
    std::vector<std::string> decisions = e.bank.decisions;
    decisions.insert(decisions.end(), e.channels.decisions.begin(), e.channels.decisions.end());
    decisions.push_back(padding_decision(e.problem, e.settings));
    if (e.settings.anchor && e.settings.padding_rule != PaddingRule::same) {
        decisions.push_back("anchor: ignored, it only matters with --padding same");
    }
    if (!e.input.document.pages.front().has_alpha) {
        decisions.push_back("alpha: the picture has none");
    }
    decisions.push_back(range_decision(e));
    return decisions;
}

Weights planned_weights(const Explanation& e) {
    return e.channels.weighted ? e.bank.weights_without_bias() : e.bank.weights();
}

/// All methods as `auto` sees them; the choice is that of settings.method.
Choice choose(std::span<const Device> devices, const Explanation& e) {
    Limits limits = e.settings.limits;
    limits.pictures = e.products;
    limits.pages = static_cast<std::int64_t>(e.input.document.pages.size());
    limits.sums = SumsPlace::block;
    const Image& page = e.input.document.pages.front();
    const Shape result{1, e.channels.result_channels(), e.problem.P(), e.problem.Q()};
    limits.memory_in_use = bytes_of(page.shape, page.type) + bytes_of(result, e.settings.depth);
    Choice choice =
        choose_device(devices, e.settings.method, e.problem, planned_weights(e), limits);
    if (e.settings.method != "auto") {
        limits.max_memory.reset();
        choice.candidates =
            choose_device(devices, "auto", e.problem, planned_weights(e), limits).candidates;
    }
    choice.offer.prepare = nullptr;  // nothing is run, and the weights move
    return choice;
}

}  // namespace

bool fits_a_page(double rows, double columns) {
    return rows <= kMostShownSide && columns <= kMostShownSide && rows * columns <= kMostShownCells;
}

LoweringSizes lowering_sizes(const Problem& p) {
    LoweringSizes sizes;
    sizes.maps = p.group_kernels();
    sizes.window = p.group_channels() * p.R * p.S;
    sizes.outputs = p.P() * p.Q();
    sizes.samples = p.group_channels() * p.H * p.W;
    sizes.column_values = static_cast<double>(sizes.window) * static_cast<double>(sizes.outputs);
    sizes.toeplitz_rows = static_cast<double>(sizes.maps) * static_cast<double>(sizes.outputs);
    sizes.toeplitz_values = sizes.toeplitz_rows * static_cast<double>(sizes.samples);
    sizes.toeplitz_nonzero =
        meetings(p) * static_cast<double>(p.group_channels() * p.group_kernels());
    sizes.rows_together = std::min(rows_together(as_large_picture(p)), p.P());
    sizes.block_rows = sizes.rows_together * sizes.maps;
    sizes.block_depth = p.padded_rows(sizes.rows_together) * p.group_channels();
    return sizes;
}

Explanation explain(std::span<const Device> devices, std::vector<Kernel> kernels,
                    const FilterSettings& settings, ExplainInput input) {
    Explanation e;
    e.kernels = std::move(kernels);
    for (const Kernel& kernel : e.kernels) e.properties.push_back(analyse_kernel(kernel));
    e.settings = settings;
    e.bank = make_bank(e.kernels, settings);
    e.input = std::move(input);
    const Image& page = e.input.document.pages.front();
    e.channels = plan_channels(page, e.bank, settings);
    e.samples = !e.input.hypothetical;
    e.source = e.samples ? load_channels(page, e.channels, e.bank, settings)
                         : sizes_only(page, e.channels, e.bank, settings);
    e.problem = filter_problem(e.bank, e.source, settings);
    e.products = e.source.source.shape.N / e.problem.N;
    e.sizes = lowering_sizes(e.problem);
    e.choice = choose(devices, e);
    e.decisions = decisions_of(e);
    return e;
}

}  // namespace conv
