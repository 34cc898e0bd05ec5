#include "pipeline/row_filter.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "pipeline/wrapped_rows.hpp"
#include "tensor/moved_rows.hpp"
#include "timing/timing.hpp"

namespace conv {
namespace {

std::int64_t row_bytes(const Image& picture) {
    return picture.shape.C * picture.shape.W *
           static_cast<std::int64_t>(sample_bytes(picture.type));
}

Image new_band(const Image& like, std::int64_t rows) {
    Image band = picture_like(like, like.type, {1, like.shape.C, rows, like.shape.W});
    band.has_alpha = like.has_alpha;
    return band;
}

}  // namespace

RowFilter::RowFilter(std::span<const Device> devices, const Bank& bank, const PictureInfo& picture,
                     const FilterSettings& settings)
    : RowFilter(devices, {FilterStage{bank, settings}}, picture) {}

RowFilter::RowFilter(std::span<const Device> devices, std::vector<FilterStage> stages,
                     const PictureInfo& picture)
    : description_(without_samples(picture)),
      devices_(devices),
      stages_(std::move(stages)),
      chain_(devices, stages_, picture) {}

std::int64_t RowFilter::slot_bytes() const {
    const PageProblem& read = tall_ ? tall_->page() : chain_.first();
    const PageProblem& given = running().page();
    const Image& converted = read.input().converted;
    const std::int64_t window_row =
        row_bytes(description_) + (converted.samples ? row_bytes(converted) : 0);
    const std::int64_t result_row =
        picture_bytes(given.stored_type(), {1, given.result_shape().C, 1, given.problem().Q()});
    return window_rows_ * window_row +
           bands_.front().outputs.count * result_row * given.result_count();
}

std::int64_t RowFilter::memory_bytes() const {
    const auto list = static_cast<std::int64_t>(bands_.size() * sizeof(Band));
    return workspace_bytes() + slot_count() * slot_bytes() + list;
}

std::int64_t RowFilter::workspace_bytes() const {
    return tall_ ? tall_->workspace_bytes(threads_)
                 : chain_.workspace_bytes(threads_, bands_.front().outputs.count);
}

void RowFilter::set_band_rows(std::int64_t rows) {
    const std::int64_t block = running().plan().block_rows;
    const RowRange outputs = range_.value_or(RowRange{0, running().problem().P()});
    bands_ = plan_bands(outputs, range_.has_value(),
                        round_up(std::max<std::int64_t>(rows, 1), block), [&](RowRange band) {
                            return tall_ ? needed_rows(tall_->problem(), band)
                                         : chain_.needed_rows(band);
                        });
    window_rows_ = largest_window(bands_);
}

/// Windows that stay in a core's share of the cache, of which the rows that two of them share are
/// the smaller part, and enough of them to keep all threads busy.
std::int64_t RowFilter::suitable_band_rows() const {
    constexpr std::int64_t kWindowBytes = 1 << 20;
    constexpr std::int64_t kBandsPerThread = 4;
    // Rows that bands of a chain share are computed twice, not only copied.
    const std::int64_t times = chain_.size() > 1 ? 6 : 2;
    const Problem& problem = running().problem();
    const std::int64_t row = std::max(row_bytes(description_), chain_.row_bytes_between());
    const std::int64_t cached = kWindowBytes / std::max<std::int64_t>(row, 1);
    const std::int64_t rows = std::max(cached, times * chain_.shared_rows()) / problem.stride_h;
    const std::int64_t fair = ceil_div(problem.P(), kBandsPerThread * threads_);
    return std::max<std::int64_t>(1, std::min(rows, threads_ == 1 ? rows : fair));
}

/// Has the method that was chosen filter the picture as if the rows that a wrapping border adds
/// were its own: the sums are the same, and windows need not reach from the last row to the first.
void RowFilter::plan_tall(std::int64_t memory_in_use) {
    const Padding padding = page().problem().padding;
    tall_settings_ = settings();
    tall_settings_.method = filter().choice().method->name;
    tall_settings_.padding_rule = PaddingRule::given;
    tall_settings_.padding = {0, 0, padding.left, padding.right};
    tall_picture_ = description_;
    tall_picture_.shape.H += padding.top + padding.bottom;
    chain_.release_plans();
    tall_page_.emplace(stages_.front().bank, tall_picture_, tall_settings_);
    tall_.emplace(devices_, *tall_page_, memory_in_use);
}

/// Rows of a wrapping border are read again: of one filtering whose results rest on its sums alone.
bool RowFilter::reads_wrapped(const BandLimits& limits) const {
    return limits.reads_again && settings().border.mode == BorderMode::wrap && chain_.size() == 1 &&
           !settings().nodata && !settings().selection;
}

/// Method, bands and threads beside `memory_in_use`.
void RowFilter::plan(std::int64_t memory_in_use, const BandLimits& limits) {
    tall_.reset();
    chain_.prepare(memory_in_use);
    threads_ = chain_.threads();
    if (reads_wrapped(limits)) {
        plan_tall(memory_in_use);
        threads_ = tall_->threads();
    }
    set_band_rows(limits.band_rows.value_or(suitable_band_rows()));
}

/// Methods know their workspaces, not the bands that their blocks ask for: one whose bands do not
/// fit is left for the cheapest of those that leave them room.
void RowFilter::prepare(const BandLimits& limits) {
    plan(limits.memory_in_use, limits);
    const auto most = limits.most ? limits.most : settings().limits.max_memory;
    if (!most) return;
    const std::int64_t available = *most - limits.memory_in_use;
    if (fit(available)) return;
    const std::string reason = refusal(available, *most);
    const bool chooses =
        settings().method == "auto" && settings().limits.max_memory && !limits.most;
    const std::size_t methods = chooses ? filter().choice().candidates.size() : 0;
    std::int64_t bands = 0;
    for (std::size_t tried = 1; tried < methods; ++tried) {
        bands = std::max(bands, memory_bytes() - workspace_bytes());
        try {
            plan(limits.memory_in_use + bands, limits);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::memory) throw;
            break;
        }
        if (fit(available)) return;
    }
    throw Error(ErrorKind::memory, reason);
}

void RowFilter::restrict_to(std::optional<RowRange> rows) {
    if (!rows && !range_) return;
    range_ = rows;
    set_band_rows(bands_.front().outputs.count);
    slots_.clear();
}

/// Lower bands, then fewer threads, until all fits; false where nothing does.
bool RowFilter::fit(std::int64_t available) {
    const std::int64_t block = running().plan().block_rows;
    while (memory_bytes() > available) {
        const std::int64_t rows = bands_.front().outputs.count;
        if (rows > block) {
            set_band_rows(rows / 2 / block * block);
        } else if (threads_ > 1) {
            --threads_;
            set_band_rows(suitable_band_rows());
        } else {
            return false;
        }
    }
    return true;
}

std::string RowFilter::refusal(std::int64_t available, std::int64_t most) const {
    return fmt::format(
        "needs {} for {} input rows and {} result rows at a time beside the {} that are taken, "
        "--max-memory is {}, use more memory or another --method",
        format_bytes(memory_bytes()), window_rows_, bands_.front().outputs.count,
        format_bytes(most - available), format_bytes(most));
}

RowFilter::Slot RowFilter::new_slot() const {
    Slot slot;
    slot.input = new_band(description_, std::max<std::int64_t>(window_rows_, 1));
    slot.results = running().page().new_results(bands_.front().outputs.count);
    return slot;
}

/// Fills a window: what it shares with the one before is copied, the rest is decoded.
void RowFilter::read(RowReader& reader, const Band& band, Slot& slot) {
    const RowRange window = band.window;
    const std::int64_t shared = std::max<std::int64_t>(rows_read_ - window.first, 0);
    if (shared > 0) move_rows(last_->input, window.first - last_->window.first, shared, slot.input);
    const std::int64_t fresh = window.count - shared;
    if (fresh > 0) {
        reader.read({rows_read_, fresh}, rows_of(slot.input, shared, fresh));
        rows_read_ += fresh;
    }
    slot.window = window;
    last_ = &slot;
}

/// The first row that is needed; those above are read and dropped where the reader cannot seek.
std::int64_t RowFilter::skip_rows(RowReader& reader, const Slot& slot) const {
    const std::int64_t first = range_ ? bands_.front().window.first : 0;
    const std::int64_t step = std::max<std::int64_t>(window_rows_, 1);
    for (std::int64_t at = 0; at < first && !reader.can_seek(); at += step) {
        const std::int64_t count = std::min(step, first - at);
        reader.read({at, count}, rows_of(slot.input, 0, count));
    }
    return first;
}

/// Rows below the last window count too: a file that is damaged there is damaged.
void RowFilter::read_rest(RowReader& reader) {
    constexpr std::int64_t kScratchBytes = 64 << 10;
    const std::int64_t height = picture_rows();
    const std::int64_t row = std::max<std::int64_t>(row_bytes(description_), 1);
    const std::int64_t most = std::max<std::int64_t>(1, kScratchBytes / row);
    Image scratch;
    while (rows_read_ < height) {
        const std::int64_t count = std::min(most, height - rows_read_);
        if (!scratch.samples) scratch = new_band(description_, most);
        reader.read({rows_read_, count}, rows_of(scratch, 0, count));
        rows_read_ += count;
    }
    reader.finish();
}

void RowFilter::compute(const Band& band, Slot& slot, ChainMemory& memory) const {
    const Image window = window_of(slot.input, band.window.first, picture_rows());
    const PageRows rows{window, window, band.window};
    std::vector<Image> results;
    for (const Image& result : slot.results) {
        results.push_back(window_of(result, band.outputs.first, running().problem().P()));
    }
    if (tall_) {
        memory.stages.resize(1);
        return tall_->filter_rows(rows, band.outputs, results, memory.stages.front());
    }
    chain_.compute(rows, band.outputs, results, memory);
}

std::vector<Tally> RowFilter::run(RowReader& picture, const Take& take) {
    const Padding padding = page().problem().padding;
    WrappedRows wrapped(picture, padding.top, padding.bottom);
    RowReader& reader = tall_ ? wrapped : picture;
    std::vector<Slot>& slots = slots_;
    while (static_cast<int>(slots.size()) < slot_count()) slots.push_back(new_slot());
    std::vector<ChainMemory> memories(static_cast<std::size_t>(threads_));
    std::vector<double> busy(memories.size());
    rows_read_ = skip_rows(reader, slots.front());
    const auto count = static_cast<std::int64_t>(bands_.size());
    const auto band_of = [&](std::int64_t i) -> const Band& {
        return bands_[static_cast<std::size_t>(i)];
    };
    const auto begin = [&](std::int64_t i, int slot) {
        const double start = steady_seconds();
        read(reader, band_of(i), slots[static_cast<std::size_t>(slot)]);
        // A file that proves damaged at its end must not have given its last band away.
        if (i + 1 == count && !range_) read_rest(reader);
        seconds_.read += steady_seconds() - start;
    };
    const auto work = [&](std::int64_t i, int slot, int worker) {
        const double start = steady_seconds();
        const auto w = static_cast<std::size_t>(worker);
        compute(band_of(i), slots[static_cast<std::size_t>(slot)], memories[w]);
        busy[w] += steady_seconds() - start;
    };
    const auto end = [&](std::int64_t i, int slot) {
        const double start = steady_seconds();
        const RowRange rows = band_of(i).outputs;
        std::vector<Image> bands;
        for (const Image& result : slots[static_cast<std::size_t>(slot)].results) {
            bands.push_back(rows_of(result, 0, rows.count));
        }
        take(rows, bands);
        seconds_.take += steady_seconds() - start;
    };
    ordered_pipeline(count, threads_, slot_count(), {begin, work, end});
    for (const double seconds : busy) seconds_.filter += seconds;
    std::vector<Tally> tallies;
    for (ChainMemory& memory : memories) {
        if (!memory.stages.empty()) tallies.push_back(std::move(memory.stages.back().tally));
    }
    return tallies;
}

}  // namespace conv
