#include "pipeline/counted_sums.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "pipeline/band_plan.hpp"
#include "pipeline/normalised_line.hpp"
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
    if (!bank.has_zero_sum() || anchors_inside(p, bank)) return;
    fail(ErrorKind::usage,
         "--nodata: a kernel that sums to zero is applied to differences from its centre "
         "sample, and some centres lie outside the picture, use --padding same or valid, or "
         "--nodata none");
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

/// Every channel of every map by itself.
Problem problem_apart(Problem p) {
    p.K = p.C * p.group_kernels();
    p.groups = p.C;
    return p;
}

bool needs_channels_apart(const Problem& p, const Bank& bank) {
    return !bank.each_channel && p.group_channels() > 1 && bank.has_zero_sum();
}

/// The kernels of problem_apart().
std::vector<float> weights_apart(const Problem& p, const Bank& bank) {
    const std::int64_t cells = p.R * p.S, each = p.group_channels(), maps = p.group_kernels();
    std::vector<float> apart;
    for (std::int64_t c = 0; c < p.C; ++c) {
        for (std::int64_t k = c / each * maps; k < (c / each + 1) * maps; ++k) {
            const auto from = bank.values.begin() + (k * each + c % each) * cells;
            apart.insert(apart.end(), from, from + cells);
        }
    }
    return apart;
}

std::vector<Normalisation> normalisations_of(const std::vector<float>& kernels,
                                             std::int64_t cells) {
    std::vector<Normalisation> all;
    for (auto at = kernels.begin(); at != kernels.end(); at += cells) {
        double sum = 0, absolute = 0;
        for (auto w = at; w != at + cells; ++w) {
            sum += static_cast<double>(*w);
            absolute += std::abs(static_cast<double>(*w));
        }
        all.emplace_back(sum, absolute, 1);
    }
    return all;
}

/// The channels of a picture as lanes that are read together.
Source lanes_of(const Image& picture, std::int64_t H) {
    return {picture.type,
            picture.samples.get(),
            {picture.shape.C, 1, H, picture.shape.W},
            {picture.strides.C, 0, picture.strides.H, picture.strides.W}};
}

std::int64_t sum_count(const Problem& p, std::int64_t rows) {
    return p.N * p.K * std::min(rows, p.P()) * p.Q();
}

/// A block of `rows` rows of sums in `room`, made larger where it must be.
TensorView<float> block_in(AlignedBuffer<float>& room, const Problem& p, std::int64_t rows) {
    const std::int64_t count = sum_count(p, rows);
    if (room.size() < count) room = AlignedBuffer<float>(count);
    return {room.data(), {p.N, p.K, rows, p.Q()}, {1, rows * p.Q() * p.N, p.Q() * p.N, p.N}};
}

}  // namespace

CountedSums::CountedSums(const Bank& bank, const ChannelPlan& channels, const Problem& problem,
                         const FilterSettings& settings)
    : bank_(bank),
      channels_(channels),
      settings_(settings),
      nodata_(source_nodata(channels, settings)),
      problem_(problem),
      values_{"the samples that count", exact_problem(problem)},
      weights_{"their weights", weights_problem(exact_problem(problem), channels)} {
    require_centres(problem, bank);
    for (std::size_t k = 0; k < bank.sums.size(); ++k)
        maps_.emplace_back(bank, k, channels.weighted ? channels.full_opacity : 1);
    if (needs_channels_apart(problem, bank)) {
        apart_ = weights_apart(problem, bank);
        apart_maps_ = normalisations_of(apart_, problem.R * problem.S);
        values_.problem = problem_apart(values_.problem);
        weights_.problem = problem_apart(weights_.problem);
    }
    if (problem.N > 1 && !channels.weighted)
        common_ = Part{"weights that channels share", weights_.problem.with_batch(1)};
}

Weights CountedSums::weights() const {
    return apart_.empty() ? bank_.weights_without_bias() : Weights{apart_, {}, {}};
}

void CountedSums::prepare(Part& part, const Device& device, const Limits& limits) {
    part.choice = choose_device({&device, 1}, settings_.method, part.problem, weights(), limits);
    part.plan = std::exchange(part.choice.offer.prepare, nullptr)();
    if (!settings_.verify_on) return;
    part.checks = std::make_unique<SumVerification>(*settings_.verify_on, part.choice, part.problem,
                                                    weights(), Source());
}

void CountedSums::prepare(const Device& device, const Limits& limits) {
    prepare(values_, device, limits);
    prepare(weights_, device, limits);
    if (common_) prepare(*common_, device, limits);
}

std::int64_t CountedSums::kept_bytes() const {
    return values_.plan.kept_bytes + weights_.plan.kept_bytes +
           (common_ ? common_->plan.kept_bytes : 0);
}

std::int64_t CountedSums::thread_bytes(std::int64_t block_rows, SampleType type) const {
    const Problem& p = problem_;
    const bool all = p.border.mode == BorderMode::wrap;
    const std::int64_t rows = all ? p.H : std::min(p.H, p.padded_rows(std::min(block_rows, p.P())));
    const std::int64_t window = CountedRows::bytes(
        rows, p.W, type, {0, channels_.inputs, channels_.alpha_filtered, channels_.weighted});
    const std::int64_t sums =
        (apart_.empty() ? 1 : 2) * block_sum_bytes({0, 0, block_rows, 0}, values_.problem);
    return window + sums +
           std::max({values_.plan.workspace_bytes, weights_.plan.workspace_bytes,
                     common_ ? common_->plan.workspace_bytes : 0});
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

/// The channels of one picture of the source; of maps, all of them.
CountedPart CountedSums::channels_of(std::int64_t picture) const {
    CountedPart counted{0, channels_.inputs, channels_.alpha_filtered, channels_.weighted};
    if (!bank_.each_channel) return counted;
    counted.first = picture * problem_.N;
    counted.count = problem_.N;
    counted.opacity = counted.opacity && counted.first + counted.count == channels_.inputs;
    return counted;
}

/// What is convolved of one picture of the source.
Source CountedSums::counted_source(const Image& picture, std::int64_t number) const {
    Source source = lanes_of(picture, problem_.H);
    if (bank_.each_channel) {
        source.alpha_weighted = channels_.weighted;
        source.first_picture = number * problem_.N;
        return source;
    }
    std::swap(source.shape.N, source.shape.C);
    std::swap(source.strides.N, source.strides.C);
    return source;
}

CountedSums::WeightSums CountedSums::sum_weights(const CountedRows& counted, std::int64_t picture,
                                                 RowRange rows, CountedMemory& memory) const {
    const bool common = common_ && counted.alike();
    const Part& part = common ? *common_ : weights_;
    const Image& counts = common ? counted.common_counts() : counted.counts();
    const TensorView<float> sums = block_in(memory.weights, part.problem, rows.count);
    sum(part, counted_source(counts, picture), rows, sums, memory);
    return {sums, common};
}

/// Channels that have a sample of their own under the anchor.
std::int64_t CountedSums::centre_lanes() const {
    return bank_.each_channel ? problem_.N : problem_.C;
}

/// Which samples under the anchors of output row `row` count, and for kernels that sum to zero what
/// they are.
void CountedSums::read_centres(const CountedRows& counted, std::int64_t row,
                               CountedMemory& memory) const {
    const Problem& p = problem_;
    const std::int64_t lanes = centre_lanes(), Q = p.Q();
    memory.counts.assign(static_cast<std::size_t>(Q * lanes), 1);
    const std::int64_t h = first_anchor_row(p, bank_) + row * p.stride_h;
    if (h < 0 || h >= p.H) return;
    const std::int64_t first = first_anchor_column(p, bank_);
    const auto inside = outputs_inside(Q, p.stride_w, first, p.W);
    const std::int64_t begin = inside.first, end = inside.second;
    const auto read = [&](const Image& from, auto* to) {
        const Source source = lanes_of(from, p.H);
        to += begin * lanes;
        if (p.stride_w == 1) return source.read_row(0, h, first + begin, end - begin, to);
        for (std::int64_t q = begin; q < end; ++q, to += lanes)
            source.read_row(0, h, first + q * p.stride_w, 1, to);
    };
    memory.centres.resize(static_cast<std::size_t>(Q * lanes));
    if (channels_.weighted) {
        read(counted.counts(), memory.centres.data());
        for (std::int64_t i = begin * lanes; i < end * lanes; ++i) {
            const auto at = static_cast<std::size_t>(i);
            memory.counts[at] = i % lanes == lanes - 1 || memory.centres[at] != 0 ? 1 : 0;
        }
    } else {
        read(counted.counts(), memory.counts.data());
    }
    if (bank_.has_zero_sum()) read(counted.values(), memory.centres.data());
}

void CountedSums::normalise_planes(const TensorView<float>& results, std::int64_t at,
                                   const WeightSums& weights, CountedMemory& memory) const {
    const Problem& p = problem_;
    const std::int64_t lanes = p.N, count = p.Q() * lanes;
    memory.line.resize(static_cast<std::size_t>(count));
    for (std::int64_t k = 0; k < p.K; ++k) {
        const Normalisation& map = maps_[static_cast<std::size_t>(k)];
        float* line = &results(0, k, at, 0);
        const float* D = &weights.sums(0, k, at, 0);
        if (weights.common) {
            spread_line(D, p.Q(), lanes, memory.line.data());
            D = memory.line.data();
        }
        if (map.zero_sum()) {
            difference_line(line, D, memory.counts.data(), memory.centres.data(), count,
                            map.bias());
        } else {
            normalise_line(line, D, memory.counts.data(), count, map);
        }
        if (channels_.weighted) weigh_transparent(line, D, map, memory);
    }
}

/// What is transparent is 0, and no less known for it; opacity is that of what counts.
void CountedSums::weigh_transparent(float* line, const float* D, const Normalisation& map,
                                    const CountedMemory& memory) const {
    const std::int64_t lanes = problem_.N;
    for (std::int64_t q = 0; q < problem_.Q(); ++q) {
        float* pixel = line + q * lanes;
        const auto A = static_cast<double>(D[q * lanes + lanes - 1]);
        for (std::int64_t n = 0; n + 1 < lanes && !map.enough(A); ++n) {
            if (memory.counts[static_cast<std::size_t>(q * lanes + n)] != 0) pixel[n] = 0;
        }
        pixel[lanes - 1] = map.opacity(A);
    }
}

/// sum over c of the results of the channels' own kernels, of map k at output q.
float CountedSums::sum_of_channels(std::int64_t k, std::int64_t at, std::int64_t q,
                                   const Maps& maps, const CountedMemory& memory) const {
    const Problem& p = problem_;
    const std::int64_t each = p.group_channels(), kernels = p.group_kernels();
    double result =
        bank_.bias.empty() ? 0 : static_cast<double>(bank_.bias[static_cast<std::size_t>(k)]);
    for (std::int64_t c = k / kernels * each; c < (k / kernels + 1) * each; ++c) {
        const std::int64_t map = c * kernels + k % kernels;
        const Normalisation& own = apart_maps_[static_cast<std::size_t>(map)];
        if (own.empty()) continue;
        const auto N = static_cast<double>(maps.sums(0, map, at, q));
        const auto D = static_cast<double>(maps.weights(0, map, at, q));
        const auto centre = static_cast<std::size_t>(q * p.C + c);
        if (own.zero_sum() ? memory.counts[centre] == 0 : !own.enough(D)) return kMissingSample;
        result += own.zero_sum() ? N - static_cast<double>(memory.centres[centre]) * D
                                 : static_cast<double>(own.divided(N, D));
    }
    return static_cast<float>(result);
}

float CountedSums::map_result(std::int64_t k, std::int64_t at, std::int64_t q, const Maps& maps,
                              const CountedMemory& memory) const {
    const Problem& p = problem_;
    const Normalisation& map = maps_[static_cast<std::size_t>(k)];
    const std::int64_t each = p.group_channels(), kernels = p.group_kernels();
    const std::int64_t first = k / kernels * each;
    const std::int64_t centre = q * p.C + first;
    const std::uint8_t* counts = memory.counts.data() + centre;
    if (std::all_of(counts, counts + each, [](std::uint8_t m) { return m == 0; }))
        return kMissingSample;
    if (!apart_.empty() && map.zero_sum()) return sum_of_channels(k, at, q, maps, memory);
    double N = 0, D = 0;
    for (std::int64_t c = first; c < first + (apart_.empty() ? 1 : each); ++c) {
        const std::int64_t at_map = apart_.empty() ? k : c * kernels + k % kernels;
        N += static_cast<double>(maps.sums(0, at_map, at, q));
        D += static_cast<double>(maps.weights(0, at_map, at, q));
    }
    if (map.zero_sum()) {
        const float x0 = memory.centres[static_cast<std::size_t>(centre)];
        return static_cast<float>(N - static_cast<double>(x0) * D) + map.bias();
    }
    return map.enough(D) ? map.divided(N, D) : kMissingSample;
}

void CountedSums::normalise_maps(const TensorView<float>& results, std::int64_t at,
                                 const Maps& maps, const CountedMemory& memory) const {
    for (std::int64_t k = 0; k < problem_.K; ++k) {
        for (std::int64_t q = 0; q < problem_.Q(); ++q)
            results(0, k, at, q) = map_result(k, at, q, maps, memory);
    }
}

void CountedSums::run(const ChannelSource& input, std::int64_t picture, RowRange rows,
                      TensorView<float> results, CountedMemory& memory) const {
    memory.rows.resize(static_cast<std::size_t>(input.source.shape.N / problem_.N));
    CountedRows& counted = memory.rows[static_cast<std::size_t>(picture)];
    counted.hold(input.read, needed_rows(problem_, rows), channels_of(picture), nodata_);
    const TensorView<float> sums =
        apart_.empty() ? results : block_in(memory.sums, values_.problem, rows.count);
    sum(values_, counted_source(counted.values(), picture), rows, sums, memory);
    const WeightSums weights = sum_weights(counted, picture, rows, memory);
    for (std::int64_t i = 0; i < rows.count; ++i) {
        read_centres(counted, rows.first + i, memory);
        if (bank_.each_channel) {
            normalise_planes(results, i, weights, memory);
        } else {
            normalise_maps(results, i, {sums, weights.sums}, memory);
        }
    }
}

std::vector<std::string> CountedSums::summaries() const {
    std::vector<std::string> found;
    for (const Part* part : {&values_, &weights_, common_ ? &*common_ : nullptr}) {
        if (part && part->checks)
            found.push_back(fmt::format("{}, of {}", part->checks->summary(), part->of));
    }
    return found;
}

}  // namespace conv
