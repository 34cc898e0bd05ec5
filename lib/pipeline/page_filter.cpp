#include "pipeline/page_filter.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/size.hpp"
#include "conv/device_planner.hpp"
#include "conv/run_contract.hpp"
#include "pipeline/band_plan.hpp"
#include "pipeline/selection.hpp"
#include "pipeline/spent_rows.hpp"

namespace conv {
namespace {

/// A device that is gone or full may be replaced, another mistake not.
bool is_of_device(const Error& error) {
    return error.kind() == ErrorKind::memory || error.kind() == ErrorKind::device;
}

RowRange all_rows(const Image& page) {
    return {0, page.shape.H};
}

}  // namespace

PageFilter::PageFilter(std::span<const Device> devices, const PageProblem& page,
                       std::int64_t memory_in_use)
    : page_(&page) {
    try {
        choose(devices, memory_in_use);
    } catch (const Error& error) {
        const Device& processor = devices.front();
        if (!is_of_device(error) || !choice_.device || choice_.device == &processor) throw;
        fallback_ = fmt::format("device: {} is used in place of {} ({})", processor.name,
                                choice_.device->name, error.what());
        choose(devices.first(1), memory_in_use);
    }
    threads_ = fitting_threads(plan_.memory(), problem(), limits(memory_in_use));
    if (counted_) fit_counted(memory_in_use);
}

std::optional<PageFilter> PageFilter::sharing_plan(const PageFilter& other,
                                                   const PageProblem& page) {
    const Problem& problem = page.problem();
    if (page.settings().limits.max_memory || problem != other.problem() ||
        problem.facts != other.problem().facts ||
        page.channels().weighted != other.page().channels().weighted) {
        return std::nullopt;
    }
    PageFilter filter(page);
    filter.choice_ = other.choice_;
    filter.plan_ = other.plan_;
    filter.counted_ = other.counted_;
    filter.fallback_ = other.fallback_;
    filter.threads_ = fitting_threads(filter.plan_.memory(), page.problem(), filter.limits(0));
    return filter;
}

std::int64_t PageFilter::workspace_bytes(int threads) const {
    const std::int64_t plain = memory_bytes(plan_.memory(), problem(), SumsPlace::block, threads);
    if (!counted_) return plain;
    return plain + counted_->kept_bytes() +
           threads * counted_->thread_bytes(plan_.block_rows, page_->input().read.type);
}

Limits PageFilter::limits(std::int64_t memory_in_use) const {
    Limits limits = settings().limits;
    limits.memory_in_use = memory_in_use;
    limits.pictures = page_->input().source.shape.N / problem().N;
    limits.sums = SumsPlace::block;
    return limits;
}

/// Chooses, and makes the plan.
void PageFilter::choose(std::span<const Device> devices, std::int64_t memory_in_use) {
    const Limits most = limits(memory_in_use);
    choice_ = choose_device(devices, settings().method, problem(), page_->weights(), most);
    plan_ = std::exchange(choice_.offer.prepare, nullptr)();
    assert(keeps_memory(plan_, choice_.offer.memory));
    if (!settings().nodata) return;
    counted_ = std::make_shared<CountedSums>(page_->filtered(page_->page()), *choice_.device, most);
}

/// Fewer threads, until what blocks with missing samples take fits too.
void PageFilter::fit_counted(std::int64_t memory_in_use) {
    const auto& most = settings().limits.max_memory;
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
    row_checks_ = std::make_unique<SumVerification>(*settings().verify_on, choice_, problem(),
                                                    page_->weights());
}

void PageFilter::release_plan() {
    Plan rest;
    rest.block_rows = plan_.block_rows;
    plan_ = std::move(rest);
}

/// No other picture of the source reads the page again once a block is finished, nor do channels
/// that are copied or moved by their luma.
bool PageFilter::page_is_spent_by_row() const {
    return !page_->input().converted.samples && page_->input().source.shape.N == problem().N &&
           page_->channels().copied.empty() && SpentRows::possible(page_->page(), problem());
}

std::vector<Tally> PageFilter::run(std::vector<Image>& results, const SumVerification* checks,
                                   bool release_page) const {
    const Image& page = page_->page();
    const ChannelSource& input = page_->input();
    std::vector<BlockMemory> memories(static_cast<std::size_t>(threads_));
    const Epilogue epilogue(page_->filtered(page), results);
    std::optional<MissingRows> missing;
    if (counted_) missing.emplace(page, colours_of(page), *settings().nodata, all_rows(page));
    const View view{input, epilogue, missing ? &*missing : nullptr, checks};
    std::optional<SpentRows> spent;
    if (release_page && page_is_spent_by_row()) spent.emplace(page, problem(), plan_.block_rows);
    BlockLoop blocks(plan_, problem(), threads_);
    blocks.for_each(input.source, [&](const Block& block) {
        filter_block(block, view, memories[static_cast<std::size_t>(block.worker)]);
        if (spent) spent->block_finished(block.rows.first);
    });
    if (!page_->channels().copied.empty()) {
        parallel_for(problem().P(), threads_, [&](std::int64_t row, int worker) {
            epilogue.copy_channels(row, memories[static_cast<std::size_t>(worker)].tally);
        });
    }
    std::vector<Tally> tallies;
    tallies.reserve(memories.size());
    for (BlockMemory& memory : memories) tallies.push_back(std::move(memory.tally));
    return tallies;
}

void PageFilter::filter_rows(const PageRows& window, RowRange rows, std::vector<Image>& results,
                             BlockMemory& memory) const {
    const auto& [page, kept, held] = window;
    FilterSettings settings = this->settings();
    settings.limits.threads = 1;
    const FilteredPage filtered = page_->filtered(page);
    const ChannelSource input =
        load_channels(page, filtered.channels, filtered.bank, settings, held);
    Epilogue epilogue(filtered, results);
    epilogue.select_from(kept);
    std::optional<MissingRows> missing;
    if (counted_) missing.emplace(page, colours_of(page), *settings.nodata, held);
    const View view{input, epilogue, missing ? &*missing : nullptr, row_checks_.get()};
    if (memory.workspace.size() < plan_.workspace_bytes) {
        memory.workspace = AlignedBuffer<std::byte>(plan_.workspace_bytes);
    }
    const std::int64_t N = problem().N, end = rows.first + rows.count;
    auto* workspace = reinterpret_cast<float*>(memory.workspace.data());
    for (std::int64_t first = rows.first; first < end; first += plan_.block_rows) {
        const RowRange block{first, std::min(plan_.block_rows, end - first)};
        for (std::int64_t picture = 0; picture < input.source.shape.N / N; ++picture) {
            const Source source = input.source.batch(picture * N, N);
            filter_block({source, picture, block, 0, workspace}, view, memory);
        }
    }
    if (filtered.channels.copied.empty()) return;
    for (std::int64_t row = rows.first; row < end; ++row) epilogue.copy_channels(row, memory.tally);
}

/// Whether the plan can store the results itself.
bool PageFilter::rounds_sums(const Epilogue& epilogue) const {
    return plan_.run_u8 && page_->input().source.type == SampleType::u8 &&
           epilogue.rounded_sums(0, {0, 1}).has_value();
}

/// Room for the sums of a block. Line-interleaved, (row, map, column), so that a block of row
/// lowering is one piece; maps apart for a method that computes the whole picture in one product.
TensorView<float> PageFilter::block_sums(const Block& block, BlockMemory& memory) const {
    const Problem& p = problem();
    const std::int64_t N = p.N, K = p.K, P = p.P(), Q = p.Q();
    if (memory.sums.size() == 0) {
        memory.sums = AlignedBuffer<float>(block_sum_bytes(plan_.memory(), p) /
                                           static_cast<std::int64_t>(sizeof(float)));
    }
    const bool whole = plan_.block_rows >= P;
    const Strides strides =
        whole ? Strides{1, P * Q * N, Q * N, N} : Strides{1, Q * N, K * Q * N, N};
    return {memory.sums.data(), {N, K, block.rows.count, Q}, strides};
}

bool PageFilter::has_missing(const Block& block, const View& view) const {
    return view.missing && view.missing->any(needed_rows(problem(), block.rows));
}

/// Blocks of which nothing is selected are not computed.
void PageFilter::filter_block(const Block& block, const View& view, BlockMemory& memory) const {
    const Selection* selection = settings().selection.get();
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
    if (!settings().selection || lost == Lost{}) return lost;
    const TensorView<float> sums = block_sums(block, memory);
    plan_.run(block.src, block.rows, sums, block.workspace);
    return view.epilogue.lost_inside(block.rows, sums, memory.tally);
}

void PageFilter::compute_block(const Block& block, const View& view, BlockMemory& memory) const {
    const Epilogue& epilogue = view.epilogue;
    const bool missing = has_missing(block, view);
    if (!missing && !view.checks && rounds_sums(epilogue)) {
        memory.tally.lost += round_block(block, view, memory);
        return;
    }
    const SumRows sums{block.picture, block.rows, block_sums(block, memory), missing};
    if (missing) {
        counted_->run(view.input, sums, memory.counted);
    } else {
        plan_.run(block.src, block.rows, sums.sums, block.workspace);
        if (view.checks) view.checks->check(block.src, block.rows, sums.sums);
    }
    epilogue.finish(sums, memory.tally);
}

}  // namespace conv
