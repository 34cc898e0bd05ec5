#include "pipeline/page_filter.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/size.hpp"
#include "conv/convolve.hpp"
#include "conv/device_planner.hpp"
#include "conv/run_contract.hpp"
#include "pipeline/band_plan.hpp"
#include "pipeline/spent_rows.hpp"
#include "pipeline/sum_verification.hpp"

namespace conv {
namespace {

/// The padding that centres output p on input p * stride by the anchor, P = ceil(H / stride).
std::pair<std::int64_t, std::int64_t> same_padding(std::int64_t size, std::int64_t stride,
                                                   std::int64_t window, std::int64_t before) {
    const std::int64_t outputs = ceil_div(size, stride);
    return {before, std::max<std::int64_t>((outputs - 1) * stride + window - size - before, 0)};
}

/// The padding that gives as many outputs as same, its halves as equal as they can be.
Padding halved_padding(const Shape& shape, std::int64_t high, std::int64_t wide,
                       const FilterSettings& s) {
    const auto all = [](std::int64_t size, std::int64_t stride, std::int64_t window) {
        return std::max<std::int64_t>((ceil_div(size, stride) - 1) * stride + window - size, 0);
    };
    const std::int64_t rows = all(shape.H, s.stride_h, high),
                       columns = all(shape.W, s.stride_w, wide);
    const bool upper = s.padding_rule == PaddingRule::same_upper;
    const std::int64_t top = upper ? rows / 2 : rows - rows / 2;
    const std::int64_t left = upper ? columns / 2 : columns - columns / 2;
    return {top, rows - top, left, columns - left};
}

Padding resolved_padding(const Bank& bank, const Shape& shape, const FilterSettings& s) {
    const std::int64_t high = s.dilation_h * (bank.R - 1), wide = s.dilation_w * (bank.S - 1);
    switch (s.padding_rule) {
        case PaddingRule::same_upper:
        case PaddingRule::same_lower:
            return halved_padding(shape, high + 1, wide + 1, s);
        case PaddingRule::valid:
            return {};
        case PaddingRule::given:
            return s.padding;
        case PaddingRule::full:
            return {high, high, wide, wide};
        case PaddingRule::same:
            break;
    }
    const auto [top, bottom] =
        same_padding(shape.H, s.stride_h, high + 1, s.dilation_h * bank.anchor.y);
    const auto [left, right] =
        same_padding(shape.W, s.stride_w, wide + 1, s.dilation_w * bank.anchor.x);
    return {top, bottom, left, right};
}

/// Whether results are more than rounded to the depth: decoded light, blends, other roundings.
bool sums_count(const FilterSettings& settings) {
    return settings.encode || settings.rounding != Rounding::half_even ||
           (settings.selection && settings.selection->blends());
}

/// Whether all that is done with the sums is to round them to the depth.
bool sums_are_rounded(const ChannelSource& input, const FilterSettings& settings) {
    return !input.source.alpha_weighted && settings.combine == Combine::stack &&
           settings.range != ValueRange::rescale && !sums_count(settings) &&
           settings.channels.kind != ChannelSelection::Kind::luma && settings.verify_on == nullptr;
}

/// What rounding to an integer depth hides of a sum: a quarter of a level, shared by the maps that
/// are combined.
double rounding_slack(const Bank& bank, SampleType from, const FilterSettings& settings) {
    if (settings.depth == SampleType::f32 || settings.range == ValueRange::rescale ||
        sums_count(settings))
        return 0;
    const double maps = settings.combine == Combine::stack ? 1 : static_cast<double>(bank.K);
    // Grey made of 8-bit samples is float32, and its results may be scaled as theirs are.
    const bool words = settings.depth == SampleType::u16;
    const double factor = from == SampleType::f32 && words
                              ? depth_factor(SampleType::u8, SampleType::u16)
                              : depth_factor(from, settings.depth);
    return 0.25 / (factor * maps);
}

/// Results stand on the page's samples where some of these may stay.
void require_selectable(const Image& page, const ChannelPlan& channels, const Problem& p,
                        const FilterSettings& settings) {
    if (!settings.selection) return;
    settings.selection->require_fits(page.shape.H, page.shape.W);
    if (p.P() != p.H || p.Q() != p.W || !is_same_padding(settings.padding_rule)) {
        fail(ErrorKind::usage,
             "--region and --mask leave the input's samples where they are, and {} x {} would "
             "become "
             "{} x {}: use --padding same and stride 1",
             p.W, p.H, p.Q(), p.P());
    }
    if (channels.result_channels() != page.shape.C || channels.has_alpha != page.has_alpha ||
        (channels.conversion == ChannelPlan::Conversion::gray && !channels.luma)) {
        fail(ErrorKind::usage,
             "--region and --mask keep samples of the input: its {} channels must be those of the "
             "result, use 2-D kernels and no --channels gray or --alpha drop",
             page.shape.C);
    }
    if (settings.range == ValueRange::rescale && settings.depth != SampleType::f32) {
        fail(ErrorKind::usage,
             "--region and --mask keep samples of the input, which --range rescale would move, use "
             "--range clamp or abs");
    }
}

RowRange all_rows(const Image& page) {
    return {0, page.shape.H};
}

}  // namespace

PageFilter::PageFilter(std::span<const Device> devices, const Bank& bank, const Image& page,
                       const FilterSettings& settings)
    : devices_(devices),
      bank_(bank),
      page_(page),
      settings_(settings),
      channels_(plan_channels(page, bank, settings)),
      input_(load_channels(page, channels_, bank, settings,
                           RowRange{0, page.samples ? page.shape.H : 0})),
      problem_(filter_problem(bank, input_, settings)) {
    require_selectable(page, channels_, problem_, settings);
    if (!settings.nodata) return;
    counted_ = std::make_shared<CountedSums>(bank_, channels_, problem_, settings_);
}

Weights PageFilter::weights() const {
    return channels_.weighted ? bank_.weights_without_bias() : bank_.weights();
}

SampleType PageFilter::stored_type() const {
    return settings_.range == ValueRange::rescale ? SampleType::f32 : settings_.depth;
}

Shape PageFilter::result_shape() const {
    return {1, channels_.result_channels(), problem_.P(), problem_.Q()};
}

std::int64_t PageFilter::result_count() const {
    return bank_.each_channel && settings_.combine == Combine::stack ? bank_.K : 1;
}

std::int64_t PageFilter::result_bytes() const {
    const std::int64_t results = result_count() * picture_bytes(stored_type(), result_shape());
    const Image& converted = input_.converted;
    return results + (converted.samples ? picture_bytes(converted.type, converted.shape) : 0);
}

std::int64_t PageFilter::value_count(RowRange rows) const {
    const Shape shape = result_shape();
    const auto copied = static_cast<std::int64_t>(channels_.copied.size());
    std::int64_t width = shape.W;
    if (settings_.selection && settings_.selection->region()) {
        const Region& region = *settings_.selection->region();
        width = region.width;
        rows = common_rows(rows, {region.y, region.height});
    }
    return result_count() * (shape.C - copied) * rows.count * width;
}

std::int64_t PageFilter::workspace_bytes(int threads) const {
    const std::int64_t plain = memory_bytes(plan_.memory(), problem_, SumsPlace::block, threads);
    if (!counted_) return plain;
    return plain + counted_->kept_bytes() +
           threads * counted_->thread_bytes(plan_.block_rows, input_.read.type);
}

std::int64_t PageFilter::workspace_bytes() const {
    return workspace_bytes(threads_);
}

Limits PageFilter::limits(std::int64_t memory_in_use) const {
    Limits limits = settings_.limits;
    limits.memory_in_use = memory_in_use;
    limits.pictures = input_.source.shape.N / problem_.N;
    limits.sums = SumsPlace::block;
    return limits;
}

/// Chooses, and makes the plan.
void PageFilter::choose(std::int64_t memory_in_use) {
    choice_ = choose_device(devices_, settings_.method, problem_, weights(), limits(memory_in_use));
    plan_ = std::exchange(choice_.offer.prepare, nullptr)();
    assert(keeps_memory(plan_, choice_.offer.memory));
    if (counted_) counted_->prepare(*choice_.device, limits(memory_in_use));
}

void PageFilter::prepare(std::int64_t memory_in_use) {
    try {
        choose(memory_in_use);
    } catch (const Error& error) {
        const bool of_device =
            error.kind() == ErrorKind::memory || error.kind() == ErrorKind::device;
        if (!of_device || !choice_.device || choice_.device == &devices_.front()) throw;
        devices_ = devices_.first(1);
        fallback_ = fmt::format("device: {} is used in place of {} ({})", devices_.front().name,
                                choice_.device->name, error.what());
        choose(memory_in_use);
    }
    threads_ = fitting_threads(plan_.memory(), problem_, limits(memory_in_use));
    if (counted_) fit_counted(memory_in_use);
}

/// Fewer threads, until what blocks with missing samples take fits too.
void PageFilter::fit_counted(std::int64_t memory_in_use) {
    const auto& most = settings_.limits.max_memory;
    if (!most) return;
    while (threads_ > 1 && workspace_bytes(threads_) > *most - memory_in_use) --threads_;
    if (workspace_bytes(threads_) <= *most - memory_in_use) return;
    fail(ErrorKind::memory,
         "samples that do not count need {} beside {} of pictures, --max-memory is {}, use more or "
         "--nodata none",
         format_bytes(workspace_bytes(threads_)), format_bytes(memory_in_use), format_bytes(*most));
}

std::vector<std::string> PageFilter::check_summaries() const {
    std::vector<std::string> found;
    if (row_checks_) found.push_back(row_checks_->summary());
    if (counted_) {
        for (std::string& summary : counted_->summaries()) found.push_back(std::move(summary));
    }
    return found;
}

void PageFilter::verify_rows() {
    row_checks_ = std::make_unique<SumVerification>(*settings_.verify_on, choice_, problem_,
                                                    weights(), input_.source);
}

void PageFilter::release_plan() {
    Plan rest;
    rest.block_rows = plan_.block_rows;
    plan_ = std::move(rest);
}

bool PageFilter::prepare_like(const PageFilter& other) {
    if (settings_.limits.max_memory || problem_ != other.problem_ ||
        channels_.weighted != other.channels_.weighted) {
        return false;
    }
    devices_ = other.devices_;
    choice_ = other.choice_;
    plan_ = other.plan_;
    counted_ = other.counted_;
    fallback_ = other.fallback_;
    threads_ = fitting_threads(plan_.memory(), problem_, limits(0));
    return true;
}

Image PageFilter::new_result(std::int64_t height) const {
    const Shape shape = result_shape();
    const bool planar = page_.shape.C > 1 && page_.strides.W == 1;
    Image result = planar ? Image::planar(stored_type(), shape.C, height, shape.W)
                          : Image::interleaved(stored_type(), shape.C, height, shape.W);
    result.has_alpha = channels_.has_alpha;
    return result;
}

void PageFilter::allocate_results() {
    for (std::int64_t k = 0; k < result_count(); ++k) results_.push_back(new_result(problem_.P()));
}

/// No other picture of the source reads the page again once a block is finished, nor do channels
/// that are copied or moved by their luma.
bool PageFilter::page_is_spent_by_row() const {
    return !input_.converted.samples && input_.source.shape.N == problem_.N &&
           channels_.copied.empty() && SpentRows::possible(page_, problem_);
}

std::vector<Tally> PageFilter::run(const SumVerification* checks, bool release_page) {
    std::vector<BlockMemory> memories(static_cast<std::size_t>(threads_));
    const Epilogue epilogue(page_, channels_, problem_, bank_, settings_, results_);
    std::optional<MissingRows> missing;
    if (counted_) missing.emplace(page_, colours_of(page_), *settings_.nodata, all_rows(page_));
    const View view{input_, epilogue, missing ? &*missing : nullptr, checks};
    std::optional<SpentRows> spent;
    if (release_page && page_is_spent_by_row()) spent.emplace(page_, problem_, plan_.block_rows);
    BlockLoop blocks(plan_, problem_, threads_);
    blocks.for_each(input_.source, [&](const Block& block) {
        filter_block(block, view, memories[static_cast<std::size_t>(block.worker)]);
        if (spent) spent->block_finished(block.rows.first);
    });
    if (!channels_.copied.empty()) {
        parallel_for(problem_.P(), threads_, [&](std::int64_t row, int worker) {
            epilogue.copy_channels(row, memories[static_cast<std::size_t>(worker)].tally);
        });
    }
    std::vector<Tally> tallies;
    for (BlockMemory& memory : memories) tallies.push_back(std::move(memory.tally));
    return tallies;
}

void PageFilter::filter_rows(const PageRows& window, RowRange held, RowRange rows,
                             std::vector<Image>& results, BlockMemory& memory) const {
    const Image& page = window.page;
    FilterSettings settings = settings_;
    settings.limits.threads = 1;
    const ChannelSource input = load_channels(page, channels_, bank_, settings, held);
    Epilogue epilogue(page, channels_, problem_, bank_, settings_, results);
    epilogue.select_from(window.input);
    std::optional<MissingRows> missing;
    if (counted_) missing.emplace(page, colours_of(page), *settings_.nodata, held);
    const View view{input, epilogue, missing ? &*missing : nullptr, row_checks_.get()};
    if (memory.workspace.size() < plan_.workspace_bytes) {
        memory.workspace = AlignedBuffer<std::byte>(plan_.workspace_bytes);
    }
    const std::int64_t N = problem_.N, end = rows.first + rows.count;
    auto* workspace = reinterpret_cast<float*>(memory.workspace.data());
    for (std::int64_t first = rows.first; first < end; first += plan_.block_rows) {
        const RowRange block{first, std::min(plan_.block_rows, end - first)};
        for (std::int64_t picture = 0; picture < input.source.shape.N / N; ++picture) {
            const Source source = input.source.batch(picture * N, N);
            filter_block({source, picture, block, 0, workspace}, view, memory);
        }
    }
    if (channels_.copied.empty()) return;
    for (std::int64_t row = rows.first; row < end; ++row) epilogue.copy_channels(row, memory.tally);
}

/// Whether the plan can store the results itself.
bool PageFilter::rounds_sums(const Epilogue& epilogue) const {
    return plan_.run_u8 && input_.source.type == SampleType::u8 &&
           epilogue.rounded_sums(0, {0, 1}).has_value();
}

/// Room for the sums of a block. Line-interleaved, (row, map, column), so that a block of row
/// lowering is one piece; maps apart for a method that computes the whole picture in one product.
TensorView<float> PageFilter::block_sums(const Block& block, BlockMemory& memory) const {
    const std::int64_t N = problem_.N, K = problem_.K, P = problem_.P(), Q = problem_.Q();
    if (memory.sums.size() == 0) {
        memory.sums = AlignedBuffer<float>(block_sum_bytes(plan_.memory(), problem_) /
                                           static_cast<std::int64_t>(sizeof(float)));
    }
    const bool whole = plan_.block_rows >= P;
    const Strides strides =
        whole ? Strides{1, P * Q * N, Q * N, N} : Strides{1, Q * N, K * Q * N, N};
    return {memory.sums.data(), {N, K, block.rows.count, Q}, strides};
}

bool PageFilter::has_missing(const Block& block, const View& view) const {
    return view.missing && view.missing->any(needed_rows(problem_, block.rows));
}

/// Blocks of which nothing is selected are not computed.
void PageFilter::filter_block(const Block& block, const View& view, BlockMemory& memory) const {
    const Selection* selection = settings_.selection.get();
    const bool touched = !selection || selection->touches(block.rows);
    if (touched) compute_block(block, view, memory);
    if (touched && (!selection || !rounds_sums(view.epilogue) || view.checks)) return;
    for (std::int64_t i = 0; i < block.rows.count; ++i)
        view.epilogue.restore_row(block.picture, block.rows.first + i, memory.tally);
}

/// The plan counts what it loses of whole rows: where that is anything and there is a region, the
/// sums tell what of it lies inside.
Lost PageFilter::round_block(const Block& block, const View& view, BlockMemory& memory) const {
    const auto to = *view.epilogue.rounded_sums(block.picture, block.rows);
    const Lost lost = plan_.run_u8(block.src, block.rows, to, block.workspace);
    if (!settings_.selection || lost == Lost{}) return lost;
    const TensorView<float> sums = block_sums(block, memory);
    plan_.run(block.src, block.rows, sums, block.workspace);
    return view.epilogue.lost_inside(block.rows, sums, memory.tally);
}

void PageFilter::compute_block(const Block& block, const View& view, BlockMemory& memory) const {
    const Epilogue& epilogue = view.epilogue;
    if (has_missing(block, view)) {
        const TensorView<float> sums = block_sums(block, memory);
        counted_->run(view.input, block.picture, block.rows, sums, memory.counted);
        return epilogue.finish(block.picture, block.rows, sums, memory.tally, true);
    }
    if (!view.checks && rounds_sums(epilogue)) {
        memory.tally.lost += round_block(block, view, memory);
        return;
    }
    const TensorView<float> sums = block_sums(block, memory);
    plan_.run(block.src, block.rows, sums, block.workspace);
    if (view.checks) view.checks->check(block.src, block.rows, sums);
    epilogue.finish(block.picture, block.rows, sums, memory.tally);
}

Problem filter_problem(const Bank& bank, const ChannelSource& input,
                       const FilterSettings& settings) {
    Problem p;
    p.slack = rounding_slack(bank, units_of(settings, input.source.type), settings);
    p.samples = input.source.type;
    p.alpha_weighted = input.source.alpha_weighted;
    if (sums_are_rounded(input, settings)) p.results = settings.depth;
    p.N = input.lanes;
    p.C = input.source.shape.C;
    p.H = input.source.shape.H;
    p.W = input.source.shape.W;
    p.K = bank.K;
    p.R = bank.R;
    p.S = bank.S;
    p.groups = settings.groups;
    p.stride_h = settings.stride_h;
    p.stride_w = settings.stride_w;
    p.dilation_h = settings.dilation_h;
    p.dilation_w = settings.dilation_w;
    checked_product({p.dilation_h, p.R, 4}, "the dilated kernel height");
    checked_product({p.dilation_w, p.S, 4}, "the dilated kernel width");
    p.padding = resolved_padding(bank, input.source.shape, settings);
    if (p.padding != Padding{}) p.border = input.border;  // else nothing outside is read
    validate(p);
    return p;
}

}  // namespace conv
