#include "pipeline/counted_sums.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "pipeline/band_plan.hpp"
#include "pipeline/normalisation.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

/// The first output from which on, and the one up to which, the anchor lies inside a line of `size`
/// samples; output 0's anchor lies at `first`.
std::pair<std::int64_t, std::int64_t> outputs_inside(std::int64_t outputs, std::int64_t stride,
                                                     std::int64_t first, std::int64_t size) {
    const std::int64_t begin = first >= 0 ? 0 : std::min(ceil_div(-first, stride), outputs);
    const std::int64_t end = first >= size ? 0 : std::min(ceil_div(size - first, stride), outputs);
    return {begin, std::max(begin, end)};
}

std::int64_t first_anchor_row(const Problem& p, const Bank& bank) {
    return bank.anchor.y * p.dilation_h - p.padding.top;
}

std::int64_t first_anchor_column(const Problem& p, const Bank& bank) {
    return bank.anchor.x * p.dilation_w - p.padding.left;
}

bool anchors_inside(const Problem& p, const Bank& bank) {
    const std::pair rows{std::int64_t{0}, p.P()}, columns{std::int64_t{0}, p.Q()};
    return outputs_inside(p.P(), p.stride_h, first_anchor_row(p, bank), p.H) == rows &&
           outputs_inside(p.Q(), p.stride_w, first_anchor_column(p, bank), p.W) == columns;
}

void require_centres(const Problem& p, const Bank& bank) {
    if (!bank.has_zero_sum()) return;
    if (!bank.each_channel && p.group_channels() > 1) {
        fail(ErrorKind::usage,
             "--nodata: a map over {} channels whose kernel sums to zero has no one centre sample, "
             "use 2-D kernels, or --nodata none",
             p.group_channels());
    }
    if (!anchors_inside(p, bank)) {
        fail(ErrorKind::usage,
             "--nodata: a kernel that sums to zero is applied to differences from its centre "
             "sample, and some centres lie outside the picture, use --padding same or valid, or "
             "--nodata none");
    }
}

/// The convolution of what counts: constants outside the picture do.
Problem weights_problem(Problem p, const ChannelPlan& channels) {
    const std::vector<float> given = p.border.values;
    const auto inputs = static_cast<std::size_t>(channels.inputs);
    if (p.border.mode == BorderMode::constant) {
        p.border.values.assign(channels.weighted ? inputs : 1, 1.0F);
        if (channels.weighted) {
            p.border.values.back() = given.empty() ? 0.0F : given[(inputs - 1) % given.size()];
        }
    }
    p.samples = channels.weighted ? p.samples : SampleType::u8;
    return p;
}

/// The same sums, which nothing hides the rounding of.
Problem exact_problem(Problem p) {
    p.slack = 0;
    p.results = SampleType::f32;
    return p;
}

}  // namespace

CountedSums::CountedSums(const Bank& bank, const ChannelPlan& channels, const Problem& problem,
                         const FilterSettings& settings)
    : bank_(bank),
      channels_(channels),
      settings_(settings),
      nodata_(source_nodata(channels, settings)),
      values_{exact_problem(problem)},
      weights_{weights_problem(exact_problem(problem), channels)} {
    require_centres(problem, bank);
}

void CountedSums::prepare(Part& part, const Device& device, const Limits& limits) {
    const Weights weights = bank_.weights_without_bias();
    part.choice = choose_device({&device, 1}, settings_.method, part.problem, weights, limits);
    part.plan = std::exchange(part.choice.offer.prepare, nullptr)();
    if (!settings_.verify_on) return;
    part.checks = std::make_unique<SumVerification>(*settings_.verify_on, part.choice, part.problem,
                                                    weights, Source());
}

void CountedSums::prepare(const Device& device, const Limits& limits) {
    prepare(values_, device, limits);
    prepare(weights_, device, limits);
}

std::int64_t CountedSums::kept_bytes() const {
    return values_.plan.kept_bytes + weights_.plan.kept_bytes;
}

std::int64_t CountedSums::thread_bytes(std::int64_t block_rows, SampleType type) const {
    const Problem& p = values_.problem;
    const bool all = p.border.mode == BorderMode::wrap;
    const std::int64_t rows = all ? p.H : std::min(p.H, p.padded_rows(std::min(block_rows, p.P())));
    const auto size = static_cast<std::int64_t>(sample_bytes(type));
    const std::int64_t window =
        rows * p.W * channels_.inputs * (size + (channels_.weighted ? size : 1));
    return window + block_sum_bytes({0, 0, block_rows, 0}, p) +
           std::max(values_.plan.workspace_bytes, weights_.plan.workspace_bytes);
}

void CountedSums::sum(const Part& part, const Source& source, RowRange rows, TensorView<float> to,
                      CountedMemory& memory) const {
    const Plan& plan = part.plan;
    if (memory.workspace.size() < plan.workspace_bytes) {
        memory.workspace = AlignedBuffer<std::byte>(plan.workspace_bytes);
    }
    for (std::int64_t first = 0; first < rows.count; first += plan.block_rows) {
        const RowRange block{rows.first + first, std::min(plan.block_rows, rows.count - first)};
        const TensorView<float> sums = to.rows(first, block.count);
        plan.run(source, block, sums, reinterpret_cast<float*>(memory.workspace.data()));
        if (part.checks) part.checks->check(source, block, sums);
    }
}

/// Channels that have a sample of their own under the anchor.
std::int64_t CountedSums::centre_lanes() const {
    return bank_.each_channel ? values_.problem.N : values_.problem.C;
}

void CountedSums::read_centres(const Image& from, std::int64_t picture, std::int64_t row,
                               CountedMemory& memory) const {
    const Problem& p = values_.problem;
    const std::int64_t lanes = centre_lanes(), Q = p.Q();
    memory.centres.assign(static_cast<std::size_t>(Q * lanes), 0.0F);
    memory.missing.assign(static_cast<std::size_t>(Q * lanes), 0);
    const std::int64_t h = first_anchor_row(p, bank_) + row * p.stride_h;
    if (h < 0 || h >= p.H) return;
    const std::int64_t first = first_anchor_column(p, bank_);
    const auto [begin, end] = outputs_inside(Q, p.stride_w, first, p.W);
    Source source(from.type, from.samples.get(), {from.shape.C, 1, p.H, p.W},
                  {from.strides.C, 0, from.strides.H, from.strides.W});
    source = source.batch(bank_.each_channel ? picture * lanes : 0, lanes);
    float* to = memory.centres.data() + begin * lanes;
    if (p.stride_w == 1) {
        source.read_row(0, h, first + begin, end - begin, to);
    } else {
        for (std::int64_t q = begin; q < end; ++q, to += lanes)
            source.read_row(0, h, first + q * p.stride_w, 1, to);
    }
    for (std::int64_t i = begin * lanes; i < end * lanes; ++i) {
        const auto at = static_cast<std::size_t>(i);
        memory.missing[at] = nodata_.matches(memory.centres[at]) ? 1 : 0;
    }
    // Opacity always counts.
    if (!channels_.alpha_filtered || (picture + 1) * lanes < channels_.inputs) return;
    for (std::int64_t q = begin; q < end; ++q)
        memory.missing[static_cast<std::size_t>((q + 1) * lanes - 1)] = 0;
}

void CountedSums::normalise_planes(const TensorView<float>& results, std::int64_t at,
                                   const CountedMemory& memory) const {
    const Problem& p = values_.problem;
    const std::int64_t lanes = p.N, count = p.Q() * lanes;
    const double full = channels_.weighted ? channels_.full_opacity : 1;
    for (std::int64_t k = 0; k < p.K; ++k) {
        const Normalisation map(bank_, static_cast<std::size_t>(k), full);
        float* line = &results(0, k, at, 0);
        const float* D = memory.weights.data() + (k * results.shape.H + at) * count;
        for (std::int64_t i = 0; i < count; ++i) {
            const auto x = static_cast<double>(line[i]), d = static_cast<double>(D[i]);
            if (memory.missing[static_cast<std::size_t>(i)] != 0) {
                line[i] = kMissingSample;
            } else if (map.zero_sum()) {
                line[i] = map.difference(
                    x, d, static_cast<double>(memory.centres[static_cast<std::size_t>(i)]));
            } else {
                line[i] = map.enough(d) ? map.divided(x, d) : kMissingSample;
            }
        }
        if (!channels_.weighted) continue;
        for (std::int64_t q = 0; q < p.Q(); ++q) {
            float* pixel = line + q * lanes;
            const auto A = static_cast<double>(D[q * lanes + lanes - 1]);
            for (std::int64_t n = 0; n + 1 < lanes && !map.enough(A); ++n) {
                // Transparent, and no less known for it.
                if (memory.missing[static_cast<std::size_t>(q * lanes + n)] == 0) pixel[n] = 0;
            }
            pixel[lanes - 1] = map.opacity(A);
        }
    }
}

void CountedSums::normalise_maps(const TensorView<float>& results, std::int64_t at,
                                 const CountedMemory& memory) const {
    const Problem& p = values_.problem;
    const std::int64_t each = p.group_channels();
    for (std::int64_t k = 0; k < p.K; ++k) {
        const Normalisation map(bank_, static_cast<std::size_t>(k), 1);
        const std::int64_t first = k / p.group_kernels() * each;
        float* line = &results(0, k, at, 0);
        const float* D = memory.weights.data() + (k * results.shape.H + at) * p.Q();
        for (std::int64_t q = 0; q < p.Q(); ++q) {
            const auto x = static_cast<double>(line[q]), d = static_cast<double>(D[q]);
            const std::uint8_t* missing = memory.missing.data() + q * p.C + first;
            if (std::all_of(missing, missing + each, [](std::uint8_t m) { return m != 0; })) {
                line[q] = kMissingSample;
            } else if (map.zero_sum()) {
                const auto centre = static_cast<std::size_t>(q * p.C + first);
                line[q] = map.difference(x, d, static_cast<double>(memory.centres[centre]));
            } else {
                line[q] = map.enough(d) ? map.divided(x, d) : kMissingSample;
            }
        }
    }
}

void CountedSums::run(const ChannelSource& input, std::int64_t picture, RowRange rows,
                      TensorView<float> results, CountedMemory& memory) const {
    const Problem& p = values_.problem;
    const RowRange needed = needed_rows(p, rows);
    const CountedSamples counted =
        count_samples(input.read, needed,
                      {channels_.inputs, channels_.alpha_filtered, channels_.weighted}, nodata_);
    const std::int64_t floats = p.N * p.K * rows.count * p.Q();
    if (memory.weights.size() < floats) memory.weights = AlignedBuffer<float>(floats);
    const Strides strides{1, rows.count * p.Q() * p.N, p.Q() * p.N, p.N};
    const TensorView<float> weights{memory.weights.data(), results.shape, strides};
    const auto part_of = [&](const Image& picture_rows) {
        const Image window = window_of(picture_rows, needed.first, p.H);
        return source_of(window, channels_, bank_).batch(picture * p.N, p.N);
    };
    sum(values_, part_of(counted.values), rows, results, memory);
    sum(weights_, part_of(counted.weights), rows, weights, memory);
    for (std::int64_t i = 0; i < rows.count; ++i) {
        read_centres(input.read, picture, rows.first + i, memory);
        if (bank_.each_channel) {
            normalise_planes(results, i, memory);
        } else {
            normalise_maps(results, i, memory);
        }
    }
}

std::vector<std::string> CountedSums::summaries() const {
    if (!values_.checks) return {};
    return {values_.checks->summary() + ", of the samples that count",
            weights_.checks->summary() + ", of their weights"};
}

}  // namespace conv
