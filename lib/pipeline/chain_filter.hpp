#pragma once

#include <memory>
#include <span>
#include <vector>

#include "pipeline/page_filter.hpp"
#include "pipeline/report.hpp"
#include "pipeline/stages.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// What one thread needs for all stages of a chain.
struct ChainMemory {
    std::vector<BlockMemory> stages;
    std::vector<Image> between;  ///< rows of the results of all stages but the last
};

/// The stages of a chain made ready for pictures of one form. Bands of the last one's rows are
/// computed with the rows of the others that they need: halos add up, no picture between them is
/// whole. A chain of one kernel is that kernel's PageFilter.
class ChainFilter {
public:
    /// `stages` are linked (link_stages) and must outlive this object, as `devices`. Throws what
    /// PageFilter throws.
    ChainFilter(std::span<const Device> devices, std::span<const FilterStage> stages,
                const PictureInfo& picture);

    /// Makes the PageFilter of each stage; asked again, anew.
    void prepare(std::int64_t memory_in_use);
    /// Gives the plans back: no stage can be computed any more.
    void release_plans();
    /// What the first stage reads, and the form of what the last one gives.
    const PageProblem& first() const { return *stages_.front().page; }
    const PageProblem& last() const { return *stages_.back().page; }
    std::size_t size() const { return stages_.size(); }
    const FilterStage& settings(std::size_t i) const { return settings_[i]; }

    /// From here on only once prepare() has been called.
    const PageFilter& stage(std::size_t i) const { return filters_[i]; }
    int threads() const;

    /// Rows of the picture that rows `outputs` of the result need.
    RowRange needed_rows(RowRange outputs) const;
    /// Rows that two neighbouring bands both need, and rows that are computed twice because stages
    /// compute whole blocks.
    std::int64_t shared_rows() const;
    /// Bytes of a row of the largest picture between two stages; 0 where there is none.
    std::int64_t row_bytes_between() const;
    /// What `threads` threads book for bands of `band_rows` rows.
    std::int64_t workspace_bytes(int threads, std::int64_t band_rows) const;

    /// Computes rows `rows` of the results, whole blocks of the last stage. `window` holds those of
    /// needed_rows(); `results` are windows that hold `rows`. Thread-safe with separate memories.
    void compute(const PageRows& window, RowRange rows, std::vector<Image>& results,
                 ChainMemory& memory) const;

private:
    struct Stage {
        Image description;  ///< its page, without samples
        std::unique_ptr<PageProblem> page;
    };
    RowRange rows_before(std::size_t stage, RowRange rows) const;
    std::vector<RowRange> rows_of_stages(RowRange outputs) const;

    std::span<const Device> devices_;
    std::span<const FilterStage> settings_;
    std::vector<Stage> stages_;
    std::vector<PageFilter> filters_;
};

/// Appends the decisions of all stages to a report, and what else it says of the first page.
void describe_chain(const ChainFilter& chain, FilterReport& report);

}  // namespace conv
