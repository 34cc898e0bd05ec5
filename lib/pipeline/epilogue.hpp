#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "conv/method.hpp"
#include "pipeline/anchor_samples.hpp"
#include "pipeline/filtered_page.hpp"
#include "pipeline/result_store.hpp"
#include "pipeline/sum_rows.hpp"
#include "pipeline/tally.hpp"

namespace conv {

/// Turns blocks of float sums into rows of the result pictures: alpha, combine, and the way into
/// the picture (ResultStore). Thread-safe with separate tallies and rows.
class Epilogue {
public:
    /// All that `of` refers to and `results`, the page's result pictures, allocated, must outlive
    /// this object. What is not selected stays as it is in the page.
    Epilogue(const FilteredPage& of, std::vector<Image>& results);

    /// What is not selected stays as it is in `input`, a window of the size of the results: the
    /// page of a chain's first kernel.
    void select_from(const Image& input) { store_.select_from(input); }

    /// Where the sums of a block belong when all that is left to do is to round them to 8 bits;
    /// nothing when there is more to do.
    std::optional<TensorView<std::uint8_t>> rounded_sums(std::int64_t picture, RowRange rows) const;

    /// What finish() would lose of `sums`, rounded sums of rows `rows`, in the selected region.
    Lost lost_inside(RowRange rows, const TensorView<float>& sums, Tally& tally) const;

    /// Finishes a block of rows. It may change the sums.
    void finish(const SumRows& block, Tally& tally) const;

    /// Puts the input's samples in the place of everything in row `row` of picture `picture` that
    /// is not selected at all: after rounded sums, or in the place of sums.
    void restore_row(std::int64_t picture, std::int64_t row, Tally& tally) const;

    /// Fills row `row` of the channels that are copied, not filtered, in every result.
    void copy_channels(std::int64_t row, Tally& tally) const;

private:
    /// The line of sums of one map and one row.
    struct Line {
        float* values;
        std::int64_t row;  ///< of the results
    };
    void finish_row(const SumRows& block, std::int64_t i, Tally& tally) const;
    void keep_missing_luma(float* pixel, bool inside) const;
    void store_luma(const Image& result, const Line& line, Tally& tally) const;
    void store_filtered(const Image& result, const Line& line, std::int64_t first_channel,
                        Tally& tally) const;

    FilteredPage of_;
    std::vector<Image>& results_;
    ResultStore store_;
    std::optional<AnchorSamples> anchors_;  ///< absent: no channel is copied or moved by its luma
};

}  // namespace conv
