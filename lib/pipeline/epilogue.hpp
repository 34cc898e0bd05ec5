#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "conv/method.hpp"
#include "pipeline/bank.hpp"
#include "pipeline/channels.hpp"
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
};

/// Turns blocks of float sums into rows of the result pictures: alpha, combine, depth and range,
/// rounding half to even and saturating. Under --range rescale into an integer depth the results
/// are float32 and only the extremes are gathered; rescale_pictures does the rest. Thread-safe with
/// separate tallies and rows.
class Epilogue {
public:
    /// All arguments must outlive this object. `results` are the page's result pictures, allocated.
    Epilogue(const Image& page, const ChannelPlan& channels, const Problem& problem,
             const Bank& bank, const FilterSettings& settings, std::vector<Image>& results);

    /// Where the sums of a block belong when all that is left to do is to round them to 8 bits;
    /// nothing when there is more to do.
    std::optional<TensorView<std::uint8_t>> rounded_sums(std::int64_t picture, RowRange rows) const;

    /// Finishes `sums`, N x K x rows.count x Q, the block of rows `rows` of picture `picture` of
    /// the source. It may change the sums.
    void finish(std::int64_t picture, RowRange rows, TensorView<float> sums, Tally& tally) const;

    /// Fills row `row` of the channels that are copied, not filtered, in every result.
    void copy_channels(std::int64_t row, Tally& tally) const;

private:
    void divide_by_opacity(float* line, std::size_t map) const;
    void combine_maps(const TensorView<float>& sums, std::int64_t row) const;
    void finish_row(std::int64_t picture, std::int64_t row, const TensorView<float>& sums,
                    std::int64_t sums_row, Tally& tally) const;
    void store_luma(const Image& result, std::int64_t row, float* line, Tally& tally) const;
    void store_filtered(const Image& result, std::int64_t first_channel, std::int64_t row,
                        float* line, Tally& tally) const;
    void store(const Image& result, std::int64_t channel, std::int64_t lanes, std::int64_t row,
               float* values, Tally& tally) const;
    float page_sample(std::int64_t channel, std::int64_t h, std::int64_t q) const;
    std::int64_t anchor_row(std::int64_t p) const;

    const Image& page_;
    const ChannelPlan& channels_;
    const Problem& problem_;
    const Bank& bank_;
    const FilterSettings& settings_;
    std::vector<Image>& results_;
    bool deferred_;                             ///< rescaling happens later
    std::vector<std::int64_t> anchor_columns_;  ///< the page's column under the anchor, for each q
};

/// x becomes (x - least) / (greatest - least) * white for every colour channel, rounded; alpha is
/// converted from the units of `from`. least = greatest gives 0. NaN becomes 0 and counts as lost.
Image rescale_picture(const Image& picture, SampleType from, SampleType depth, double least,
                      double greatest, Lost& lost);

/// What samples are multiplied by on the way from one type to another: 257 from u8 to u16, 1/257
/// back, 1 where float32 takes part.
double depth_factor(SampleType from, SampleType to);

}  // namespace conv
