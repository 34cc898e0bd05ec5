#include "pipeline/counted_sums.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "pipeline/band_plan.hpp"
#include "pipeline/channel_conversion.hpp"
#include "tensor/border_rules.hpp"

namespace conv {
namespace {

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
    p.facts.samples = channels.weighted ? p.facts.samples : SampleType::u8;
    return p;
}

/// The same sums, which nothing hides the rounding of.
Problem exact_problem(Problem p) {
    p.facts.slack = 0;
    p.facts.results = SampleType::f32;
    return p;
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

CountedSums::CountedSums(const FilteredPage& of, const Device& device, const Limits& limits)
    : bank_(of.bank),
      channels_(of.channels),
      nodata_(source_nodata(of.channels, of.settings)),
      problem_(of.problem),
      results_(of),
      values_{"the samples that count", results_.summed(exact_problem(problem_))},
      weights_{"their weights",
               results_.summed(weights_problem(exact_problem(problem_), channels_))} {
    if (problem_.N > 1 && !channels_.weighted)
        common_ = Part{"weights that channels share", weights_.problem.with_batch(1)};
    for (Part* part : {&values_, &weights_, common_ ? &*common_ : nullptr})
        if (part) prepare(*part, of.settings, device, limits);
}

Weights CountedSums::weights() const {
    const std::vector<float>& apart = results_.apart();
    return apart.empty() ? bank_.weights_without_bias() : Weights{apart, {}, {}};
}

void CountedSums::prepare(Part& part, const FilterSettings& settings, const Device& device,
                          const Limits& limits) const {
    part.choice = choose_device({&device, 1}, settings.method, part.problem, weights(), limits);
    part.plan = std::exchange(part.choice.offer.prepare, nullptr)();
    if (!settings.verify_on) return;
    part.checks = std::make_unique<SumVerification>(*settings.verify_on, part.choice, part.problem,
                                                    weights());
}

std::int64_t CountedSums::kept_bytes() const {
    return values_.plan.kept_bytes + weights_.plan.kept_bytes +
           (common_ ? common_->plan.kept_bytes : 0);
}

std::int64_t CountedSums::thread_bytes(std::int64_t block_rows, SampleType type) const {
    const Problem& p = problem_;
    const bool all = border_rule(p.border.mode).reads_far;
    const std::int64_t rows = all ? p.H : std::min(p.H, p.padded_rows(std::min(block_rows, p.P())));
    const std::int64_t window = CountedRows::bytes(
        rows, p.W, type, {0, channels_.inputs, channels_.alpha_filtered, channels_.weighted});
    const std::int64_t sums = (results_.apart().empty() ? 1 : 2) *
                              block_sum_bytes({0, 0, block_rows, 0}, values_.problem);
    return window + sums +
           std::max({values_.plan.workspace_bytes, weights_.plan.workspace_bytes,
                     common_ ? common_->plan.workspace_bytes : 0});
}

void CountedSums::sum(const Part& part, const Source& source, const SumRows& to,
                      CountedMemory& memory) const {
    const Plan& plan = part.plan;
    const auto& [first_row, count] = to.rows;
    if (memory.workspace.size() < plan.workspace_bytes) {
        memory.workspace = AlignedBuffer<std::byte>(plan.workspace_bytes);
    }
    for (std::int64_t first = 0; first < count; first += plan.block_rows) {
        const RowRange block{first_row + first, std::min(plan.block_rows, count - first)};
        const TensorView<float> sums = to.sums.rows(first, block.count);
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
    Source source = channels_as_pictures(picture, picture.shape.C);
    if (bank_.each_channel) {
        source.alpha_weighted = channels_.weighted;
        source.first_picture = number * problem_.N;
        return source;
    }
    std::swap(source.shape.N, source.shape.C);
    std::swap(source.strides.N, source.strides.C);
    return source;
}

/// What all samples of the block weigh, beside their sums.
CountedBlock CountedSums::sum_weights(const CountedRows& counted, const SumRows& sums,
                                      CountedMemory& memory) const {
    const bool common = common_ && counted.alike();
    const Part& part = common ? *common_ : weights_;
    const Image& counts = common ? counted.common_counts() : counted.counts();
    const auto& [picture, rows, values, normalised] = sums;
    const TensorView<float> weights = block_in(memory.weights, part.problem, rows.count);
    sum(part, counted_source(counts, picture), {picture, rows, weights}, memory);
    return {counted, values, weights, common};
}

void CountedSums::run(const ChannelSource& input, const SumRows& results,
                      CountedMemory& memory) const {
    const auto& [picture, rows, to, normalised] = results;
    memory.rows.resize(static_cast<std::size_t>(input.source.shape.N / problem_.N));
    CountedRows& counted = memory.rows[static_cast<std::size_t>(picture)];
    counted.hold(input.read, needed_rows(problem_, rows), channels_of(picture), nodata_);
    SumRows sums = results;
    if (!results_.apart().empty()) sums.sums = block_in(memory.sums, values_.problem, rows.count);
    sum(values_, counted_source(counted.values(), picture), sums, memory);
    const CountedBlock block = sum_weights(counted, sums, memory);
    for (std::int64_t i = 0; i < rows.count; ++i)
        results_.finish_row(to, {i, rows.first + i}, block, memory.line);
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
