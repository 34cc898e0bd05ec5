#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "pipeline/band_plan.hpp"
#include "pipeline/chain_filter.hpp"
#include "tensor/rows.hpp"
#include "tensor/window.hpp"

namespace conv {

/// How much a RowFilter may hold at once.
struct BandLimits {
    /// Bytes of the settings' max_memory that are taken besides bands and workspaces.
    std::int64_t memory_in_use = 0;
    /// Output rows of a band, rounded up to whole blocks; absent: as suits cache and memory.
    std::optional<std::int64_t> band_rows;
    /// The limit that the bands keep, whatever the method; absent: the settings' max_memory, which
    /// the method's choice keeps too.
    std::optional<std::int64_t> most = {};
    /// The reader can: the rows of a wrapping border are then read again instead of kept.
    bool reads_again = false;
};

/// Seconds spent, without waiting.
struct BandSeconds {
    double read = 0, take = 0;
    double filter = 0;  ///< of all threads together
};

/// The filtering of one picture that is read row by row: bands of output rows are computed from
/// windows of input rows, several at once, while others are read and taken. Memory does not depend
/// on the picture's height. Results are byte for byte those of PageFilter on the whole picture.
class RowFilter {
public:
    /// Calls `take` with rows and pictures of these rows, one for each result picture, in order.
    using Take = std::function<void(RowRange rows, const std::vector<Image>& bands)>;

    /// All arguments must outlive this object. Throws what PageProblem throws.
    RowFilter(std::span<const Device> devices, const Bank& bank, const PictureInfo& picture,
              const FilterSettings& settings);
    /// The same for a chain, whose stages are linked (link_stages).
    RowFilter(std::span<const Device> devices, std::vector<FilterStage> stages,
              const PictureInfo& picture);

    /// Chooses the method, the bands' height and the number of threads. Throws what
    /// PageFilter throws, and Error{memory} where not even one band fits.
    void prepare(const BandLimits& limits);
    /// What the last of the chain gives: the results of all.
    const PageProblem& page() const { return chain_.last(); }
    const ChainFilter& chain() const { return chain_; }
    /// The last of the chain, once prepare() has been called, as all below.
    const PageFilter& filter() const { return chain_.stage(chain_.size() - 1); }
    int threads() const { return threads_; }
    /// What is booked besides BandLimits::memory_in_use.
    std::int64_t memory_bytes() const;

    /// From now on run() gives these result rows alone, which begin with a block of the plan, or
    /// all again. Rows above those that they need are skipped, by seeking where the reader can, and
    /// none is read below.
    void restrict_to(std::optional<RowRange> rows);

    /// Reads the picture to its end, and calls `take` for all result rows. May be called again for
    /// another picture of the same form; not thread-safe. Throws what the reader, the plan and
    /// `take` throw.
    std::vector<Tally> run(RowReader& reader, const Take& take);
    const BandSeconds& seconds() const { return seconds_; }

private:
    /// One band's memory; a window of the picture and the results' rows.
    struct Slot {
        Image input;
        std::vector<Image> results;
        RowRange window;
    };
    std::int64_t slot_bytes() const;
    int slot_count() const { return threads_ == 1 ? 1 : threads_ + 1; }
    void set_band_rows(std::int64_t rows);
    std::int64_t suitable_band_rows() const;
    /// The filter that runs: of the picture, or of the picture with a wrapping border's rows.
    const PageFilter& running() const { return tall_ ? *tall_ : filter(); }
    /// Of the picture that is read, with what a wrapping border adds.
    std::int64_t picture_rows() const {
        return tall_ ? tall_picture_.shape.H : description_.shape.H;
    }
    const FilterSettings& settings() const { return stages_.back().settings; }
    bool reads_wrapped(const BandLimits& limits) const;
    std::int64_t workspace_bytes() const;
    void plan_tall(std::int64_t memory_in_use);
    void plan(std::int64_t memory_in_use, const BandLimits& limits);
    bool fit(std::int64_t available);
    std::string refusal(std::int64_t available, std::int64_t most) const;
    std::int64_t skip_rows(RowReader& reader, const Slot& slot) const;
    Slot new_slot() const;
    void read(RowReader& reader, const Band& band, Slot& slot);
    void read_rest(RowReader& reader);
    void compute(const Band& band, Slot& slot, ChainMemory& memory) const;

    Image description_;  ///< the picture without samples
    std::span<const Device> devices_;
    std::vector<FilterStage> stages_;
    ChainFilter chain_;
    Image tall_picture_;  ///< the picture and the rows that a wrapping border adds, without samples
    FilterSettings tall_settings_;
    std::optional<PageProblem> tall_page_;
    std::optional<PageFilter> tall_;
    int threads_ = 1;
    std::optional<RowRange> range_;  ///< absent: all rows
    std::vector<Band> bands_;
    std::int64_t window_rows_ = 0;
    std::vector<Slot> slots_;
    const Slot* last_ = nullptr;  ///< the window read last
    std::int64_t rows_read_ = 0;
    BandSeconds seconds_;
};

}  // namespace conv
