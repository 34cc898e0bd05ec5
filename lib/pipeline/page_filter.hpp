#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "conv/convolve.hpp"
#include "conv/device.hpp"
#include "pipeline/counted_sums.hpp"
#include "pipeline/epilogue.hpp"
#include "pipeline/missing_samples.hpp"

namespace conv {

class SpentRows;
class SumVerification;

/// A page as a window of which some rows are there, and what stays where nothing is selected: the
/// same window, or that of a chain's input.
struct PageRows {
    const Image& page;
    const Image& input;
};

/// What one thread needs to filter blocks: made when it is first used.
struct BlockMemory {
    AlignedBuffer<std::byte> workspace;
    AlignedBuffer<float> sums;
    CountedMemory counted;
    Tally tally;
};

/// The filtering of one page, made ready: what of it is convolved, by which method, into which
/// pictures. What depends on the kernel alone is done once; run() does the rest, as often as asked.
class PageFilter {
public:
    /// All arguments must outlive this object. A page without samples is planned for, and filtered
    /// with filter_rows(). Throws what plan_channels and validate throw.
    PageFilter(std::span<const Device> devices, const Bank& bank, const Image& page,
               const FilterSettings& settings);

    const Image& page() const { return page_; }
    const ChannelPlan& channels() const { return channels_; }
    const ChannelSource& input() const { return input_; }
    const Problem& problem() const { return problem_; }
    /// Under weighted alpha without the bias, which is added after the division by the opacity.
    Weights weights() const;
    /// Bytes of the result pictures, and of samples that had to be converted.
    std::int64_t result_bytes() const;
    /// Result values of these rows, copied ones not counted, nor those outside of a region.
    std::int64_t value_count(RowRange rows) const;
    std::int64_t value_count() const { return value_count({0, problem_.P()}); }

    /// Chooses the method and makes its plan, beside `memory_in_use` bytes of pictures. A device
    /// that was chosen among several and then has no room is left for the processor. Throws what
    /// choose_device throws.
    void prepare(std::int64_t memory_in_use);
    /// Takes over the method and the plan of `other`, prepared from the same arguments, where they
    /// fit this page too; false, and nothing done, where they do not or memory is limited.
    bool prepare_like(const PageFilter& other);
    /// Frees what another filter of the same choice has made for itself; the blocks' height stays.
    void release_plan();
    /// Its offer has been taken: it prepares nothing any more.
    const Choice& choice() const { return choice_; }
    const Plan& plan() const { return plan_; }
    int threads() const { return threads_; }
    std::int64_t workspace_bytes() const;  ///< of all threads
    /// Why the processor replaced the device that was chosen; else empty.
    const std::string& fallback() const { return fallback_; }

    /// Allocates the result pictures, uninitialised.
    void allocate_results();
    /// Fills the result pictures; one tally for each thread. `checks` may be null. With
    /// `release_page`, the page's memory is given back row by row where nothing reads it again.
    std::vector<Tally> run(const SumVerification* checks, bool release_page);
    std::vector<Image>& results() { return results_; }

    /// Computes output rows `rows`, whole blocks of the plan, on the calling thread. `page` is a
    /// window that holds the rows `held`, which must be those that `rows` need; `results` are
    /// windows that hold `rows`, as new_result() makes them. Thread-safe with separate memories.
    void filter_rows(const PageRows& page, RowRange held, RowRange rows,
                     std::vector<Image>& results, BlockMemory& memory) const;
    /// An uninitialised picture as the results are, of `height` rows.
    Image new_result(std::int64_t height) const;
    std::int64_t result_count() const;
    Shape result_shape() const;
    SampleType stored_type() const;
    /// Bytes of the plan and of the workspaces and sums of that many threads.
    std::int64_t workspace_bytes(int threads) const;
    /// Has filter_rows() compute every sum on settings.verify_on too. After prepare().
    void verify_rows();
    /// What --verify found, but for the checks of run(); empty without it.
    std::vector<std::string> check_summaries() const;

private:
    Limits limits(std::int64_t memory_in_use) const;
    void fit_counted(std::int64_t memory_in_use);
    void choose(std::int64_t memory_in_use);
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

    std::span<const Device> devices_;
    const Bank& bank_;
    const Image& page_;
    const FilterSettings& settings_;
    ChannelPlan channels_;
    ChannelSource input_;
    Problem problem_;
    Choice choice_;
    Plan plan_;
    std::unique_ptr<SumVerification> row_checks_;
    std::shared_ptr<CountedSums> counted_;  ///< null: every sample counts
    int threads_ = 1;
    std::string fallback_;
    std::vector<Image> results_;
};

/// The problem that the channels of a page pose: sizes, padding as numbers, the border.
Problem filter_problem(const Bank& bank, const ChannelSource& input,
                       const FilterSettings& settings);

}  // namespace conv
