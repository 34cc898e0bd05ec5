#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "conv/method.hpp"
#include "pipeline/bank.hpp"
#include "pipeline/channels.hpp"
#include "pipeline/missing_results.hpp"
#include "pipeline/selection.hpp"
#include "pipeline/settings.hpp"
#include "tensor/convert.hpp"

namespace conv {

/// What one thread gathers while it finishes rows, and its scratch.
struct Tally {
    Lost lost;
    double least = std::numeric_limits<double>::infinity();  ///< of finite colour values
    double greatest = -std::numeric_limits<double>::infinity();
    std::vector<float> row;
    std::vector<std::byte> samples;
    bool may_miss = false;            ///< the rows at hand may hold kMissingSample
    std::vector<std::int64_t> marks;  ///< samples of a row that nothing counts for
    std::vector<float> weights;       ///< of a row's pixels, as the selection says
    std::vector<float> input;         ///< samples of the input
};

/// Turns blocks of float sums into rows of the result pictures: alpha, combine, depth and range,
/// rounding half to even and saturating. Under --range rescale into an integer depth the results
/// are float32 and only the extremes are gathered; rescale_pictures does the rest. Thread-safe with
/// separate tallies and rows.
class Epilogue {
public:
    /// All arguments must outlive this object. `results` are the page's result pictures, allocated.
    /// What is not selected stays as it is in the page.
    Epilogue(const Image& page, const ChannelPlan& channels, const Problem& problem,
             const Bank& bank, const FilterSettings& settings, std::vector<Image>& results);

    /// What is not selected stays as it is in `input`, a window of the size of the results: the
    /// page of a chain's first kernel.
    void select_from(const Image& input) { input_ = &input; }

    /// Where the sums of a block belong when all that is left to do is to round them to 8 bits;
    /// nothing when there is more to do.
    std::optional<TensorView<std::uint8_t>> rounded_sums(std::int64_t picture, RowRange rows) const;

    /// What finish() would lose of `sums`, rounded sums of rows `rows`, in the selected region.
    Lost lost_inside(RowRange rows, const TensorView<float>& sums, Tally& tally) const;

    /// Finishes `sums`, N x K x rows.count x Q, the block of rows `rows` of picture `picture` of
    /// the source. It may change the sums. `normalised`: they are results over the samples that
    /// count (CountedSums), opacity and bias done with.
    void finish(std::int64_t picture, RowRange rows, TensorView<float> sums, Tally& tally,
                bool normalised = false) const;

    /// Puts the input's samples in the place of everything in row `row` of picture `picture` that
    /// is not selected at all: after rounded sums, or in the place of sums.
    void restore_row(std::int64_t picture, std::int64_t row, Tally& tally) const;

    /// Fills row `row` of the channels that are copied, not filtered, in every result.
    void copy_channels(std::int64_t row, Tally& tally) const;

private:
    void divide_by_opacity(float* line, std::size_t map) const;
    void combine_maps(const TensorView<float>& sums, std::int64_t row) const;
    struct Line {
        const TensorView<float>& sums;
        std::int64_t row;  ///< of the sums
        bool normalised;   ///< results may be kMissingSample
    };
    void finish_row(std::int64_t picture, std::int64_t row, const Line& line, Tally& tally) const;
    /// Values of neighbouring channels of a row of a result, on their way into it.
    struct Values {
        float* values;
        std::int64_t channel, lanes, row, count;
    };
    void encode(const Values& values) const;
    void select(const Values& values, Tally& tally) const;
    void read_input(const Values& values, Tally& tally) const;
    Source input_source(std::int64_t channel, std::int64_t lanes) const;
    void convert_values(float* values, std::int64_t count) const;
    void round_values(float* values, std::int64_t count) const;
    void keep_missing_luma(float* pixel, bool inside) const;
    bool anchor_inside(std::int64_t row, std::int64_t q) const;
    void store_luma(const Image& result, std::int64_t row, float* line, Tally& tally) const;
    void store_filtered(const Image& result, std::int64_t first_channel, std::int64_t row,
                        float* line, Tally& tally) const;
    void store(const Image& result, std::int64_t channel, std::int64_t lanes, std::int64_t row,
               float* values, Tally& tally, bool copies = false) const;
    void fit_outside(const Values& values) const;
    void copy_input(const Image& result, const Values& v) const;
    void restore_bytes(const Image& result, const Values& v, const std::vector<float>& weights,
                       const Tally& tally) const;
    float page_sample(std::int64_t channel, std::int64_t h, std::int64_t q) const;
    std::int64_t anchor_row(std::int64_t p) const;

    const Image& page_;
    const Image* input_ = &page_;
    const ChannelPlan& channels_;
    const Problem& problem_;
    const Bank& bank_;
    const FilterSettings& settings_;
    std::vector<Image>& results_;
    std::optional<MissingResults> missing_;     ///< absent: every sample counts
    bool deferred_;                             ///< rescaling happens later
    std::vector<std::int64_t> anchor_columns_;  ///< the page's column under the anchor, for each q
};

/// How --range rescale brings the sums of all pages into an integer depth.
struct Rescaling {
    SampleType from = SampleType::u8;  ///< units of opacity, and of `missing`
    SampleType depth = SampleType::u8;
    double least = 0, greatest = 0;  ///< become 0 and white
    double missing = 0;              ///< what stands for kMissingSample
};

/// x becomes (x - least) / (greatest - least) * white for every colour channel, rounded; alpha is
/// converted from its units. least = greatest gives 0. NaN becomes 0 and counts as lost.
Image rescale_picture(const Image& picture, const Rescaling& rescaling, Lost& lost);

/// The rescaling of a filtering whose values reach from least to greatest.
Rescaling rescaling_of(SampleType from, const FilterSettings& settings,
                       std::pair<double, double> extremes);

}  // namespace conv
