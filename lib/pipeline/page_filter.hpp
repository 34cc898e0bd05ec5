#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "conv/convolve.hpp"
#include "conv/device.hpp"
#include "pipeline/counted_sums.hpp"
#include "pipeline/epilogue.hpp"
#include "pipeline/missing_samples.hpp"
#include "pipeline/page_problem.hpp"
#include "pipeline/sum_verification.hpp"

namespace conv {

/// A page as a window of which some rows are there, and what stays where nothing is selected: the
/// same window, or that of a chain's input.
struct PageRows {
    const Image& page;
    const Image& input;
    RowRange held;  ///< the rows of `page` that are there
};

/// What one thread needs to filter blocks: made when it is first used.
struct BlockMemory {
    AlignedBuffer<std::byte> workspace;
    AlignedBuffer<float> sums;
    CountedMemory counted;
    Tally tally;
};

/// The filtering of one page, made ready: its problem, the method that was chosen and its plan.
/// What depends on the kernel alone is done once; run() does the rest, as often as asked.
class PageFilter {
public:
    /// Chooses the method and makes its plan, beside `memory_in_use` bytes of pictures. A device
    /// that was chosen among several and then has no room is left for the processor. All arguments
    /// must outlive this object. Throws what choose_device throws.
    PageFilter(std::span<const Device> devices, const PageProblem& page,
               std::int64_t memory_in_use);
    /// The filtering of `page` by the method and the plan of `other`, made from the same devices,
    /// bank and settings; nothing where they do not fit it, or memory is limited.
    static std::optional<PageFilter> sharing_plan(const PageFilter& other, const PageProblem& page);

    const PageProblem& page() const { return *page_; }
    const Problem& problem() const { return page_->problem(); }
    /// Its offer has been taken: it prepares nothing any more.
    const Choice& choice() const { return choice_; }
    const Plan& plan() const { return plan_; }
    int threads() const { return threads_; }
    /// Bytes of the plan and of the workspaces and sums of that many threads, or of all.
    std::int64_t workspace_bytes(int threads) const;
    std::int64_t workspace_bytes() const { return workspace_bytes(threads_); }
    /// Why the processor replaced the device that was chosen; else empty.
    const std::string& fallback() const { return fallback_; }
    /// Frees what another filter of the same choice has made for itself. The blocks' height stays;
    /// nothing can be computed any more.
    void release_plan();

    /// Fills `results`, PageProblem::new_results() of the page's height; one tally for each thread.
    /// `checks` may be null. With `release_page`, the page's memory is given back row by row where
    /// nothing reads it again.
    std::vector<Tally> run(std::vector<Image>& results, const SumVerification* checks,
                           bool release_page) const;

    /// Computes output rows `rows`, whole blocks of the plan, on the calling thread. `window` holds
    /// the rows that these need; `results` are windows that hold `rows`, as new_results() makes
    /// them. Thread-safe with separate memories.
    void filter_rows(const PageRows& window, RowRange rows, std::vector<Image>& results,
                     BlockMemory& memory) const;
    /// Has filter_rows() compute every sum on settings.verify_on too.
    void verify_rows();
    /// What --verify found, but for the checks of run(); empty without it.
    std::vector<std::string> check_summaries() const;

private:
    explicit PageFilter(const PageProblem& page) : page_(&page) {}
    const FilterSettings& settings() const { return page_->settings(); }
    Limits limits(std::int64_t memory_in_use) const;
    void fit_counted(std::int64_t memory_in_use);
    void choose(std::span<const Device> devices, std::int64_t memory_in_use);
    bool page_is_spent_by_row() const;
    bool rounds_sums(const Epilogue& epilogue) const;
    /// A page, or rows of it, as blocks see it.
    struct View {
        const ChannelSource& input;
        const Epilogue& epilogue;
        const MissingRows* missing;  ///< null: every sample counts
        const SumVerification* checks;
    };
    void filter_block(const Block& block, const View& view, BlockMemory& memory) const;
    TensorView<float> block_sums(const Block& block, BlockMemory& memory) const;
    bool has_missing(const Block& block, const View& view) const;
    void compute_block(const Block& block, const View& view, BlockMemory& memory) const;
    Lost round_block(const Block& block, const View& view, BlockMemory& memory) const;

    const PageProblem* page_;
    Choice choice_;
    Plan plan_;
    std::unique_ptr<SumVerification> row_checks_;
    std::shared_ptr<const CountedSums> counted_;  ///< null: every sample counts
    int threads_ = 1;
    std::string fallback_;
};

}  // namespace conv
