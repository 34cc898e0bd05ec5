#include "pipeline/epilogue.hpp"

#include <algorithm>
#include <cassert>

#include "pipeline/band_plan.hpp"
#include "pipeline/combined_maps.hpp"
#include "pipeline/selection.hpp"
#include "tensor/transfer.hpp"

namespace conv {
namespace {

std::vector<float>& line_room(std::vector<float>& row, std::int64_t count) {
    row.resize(static_cast<std::size_t>(count));
    return row;
}

}  // namespace

Epilogue::Epilogue(const FilteredPage& of, std::vector<Image>& results)
    : of_(of), results_(results), store_(of) {
    assert(!results.empty());
    if (!of.channels.copied.empty() || of.channels.luma) anchors_.emplace(of);
}

void Epilogue::restore_row(std::int64_t picture, std::int64_t row, Tally& tally) const {
    const Lost filtered = tally.lost;
    tally.may_miss = true;
    const ChannelPlan& channels = of_.channels;
    const Selection& selection = *of_.settings.selection;
    const KeptInput& input = store_.input();
    const std::int64_t filtered_lanes = channels.colours + (channels.alpha_filtered ? 1 : 0);
    const std::int64_t lanes = channels.luma ? filtered_lanes : of_.problem.N;
    const std::int64_t channel = channels.luma ? 0 : picture * lanes, Q = of_.problem.Q();
    const ResultRow place{nullptr, {channel, lanes, row}, Q};
    const bool same_samples = input.type() == results_.front().type && !store_.deferred();
    if (same_samples && !selection.blends()) {
        for (const Image& result : results_) input.copy_outside(result, place);
        return;
    }
    selection.weights(row, Q, tally.weights);
    const bool some =
        std::any_of(tally.weights.begin(), tally.weights.end(), [](float m) { return m > 0; });
    for (const Image& result : results_) {
        input.read(place, tally);
        if (some) {
            input.restore_bytes(result, place, tally);
        } else {
            tally.row = tally.input;
            store_.copied(result, {tally.row.data(), place.place, Q}, tally);
        }
    }
    tally.lost = filtered;
}

/// Colours of which one does not count stay as they are; where nothing counts, nothing does.
void Epilogue::keep_missing_luma(float* pixel, bool inside) const {
    const Nodata& nodata = *of_.settings.nodata;
    float* end = pixel + of_.channels.colours;
    const bool stays =
        inside && std::any_of(pixel, end, [&](float x) { return nodata.matches(x); });
    std::replace_if(
        pixel, end, [&](float x) { return !stays || nodata.matches(x); }, kMissingSample);
}

/// Moves every colour of the page by what filtering changed its luma.
void Epilogue::store_luma(const Image& result, const Line& line, Tally& tally) const {
    const FilterSettings& settings = of_.settings;
    const std::int64_t lanes = of_.problem.N, colours = of_.channels.colours;
    const std::int64_t h = anchors_->page_row(line.row), out = colours + lanes - 1;
    line_room(tally.row, result.shape.W * out);
    for (std::int64_t q = 0; q < result.shape.W; ++q) {
        float* pixel = tally.row.data() + q * out;
        const float* sums = line.values + q * lanes;
        for (std::int64_t c = 0; c < colours; ++c) {
            pixel[c] = anchors_->at(c, h, q);
            if (settings.decode) pixel[c] = settings.decode->to_linear(pixel[c]);
        }
        const float change = *sums - bt601_luma(pixel[0], pixel[1], pixel[2]);
        if (settings.nodata && is_missing_mark(*sums)) {
            keep_missing_luma(pixel, anchors_->inside(line.row, q));
        } else {
            for (std::int64_t c = 0; c < colours; ++c) pixel[c] += change;
        }
        if (lanes > 1) pixel[colours] = sums[1];
    }
    store_.filtered(result, {tally.row.data(), {0, out, line.row}, result.shape.W}, tally);
}

void Epilogue::copy_channels(std::int64_t row, Tally& tally) const {
    const Lost filtered = tally.lost;
    tally.may_miss = true;
    for (const Image& result : results_) {
        const std::int64_t W = result.shape.W;
        for (const auto& [to, from] : of_.channels.copied) {
            const std::int64_t h = anchors_->page_row(row);
            line_room(tally.row, W);
            for (std::int64_t q = 0; q < W; ++q)
                tally.row[static_cast<std::size_t>(q)] = anchors_->at(from, h, q);
            store_.copied(result, {tally.row.data(), {to, 1, row}, W}, tally);
        }
    }
    tally.lost = filtered;
}

/// Stores the lanes of a line as neighbouring channels, leaving out those that are copied.
void Epilogue::store_filtered(const Image& result, const Line& line, std::int64_t first_channel,
                              Tally& tally) const {
    const std::int64_t lanes = of_.problem.N, W = result.shape.W;
    const auto& copied = of_.channels.copied;
    const auto is_copied = [&](std::int64_t channel) {
        return std::any_of(copied.begin(), copied.end(),
                           [&](const auto& pair) { return pair.first == channel; });
    };
    bool all = true;
    for (std::int64_t n = 0; n < lanes; ++n) all = all && !is_copied(first_channel + n);
    if (all) {
        return store_.filtered(result, {line.values, {first_channel, lanes, line.row}, W}, tally);
    }
    for (std::int64_t n = 0; n < lanes; ++n) {
        if (is_copied(first_channel + n)) continue;
        line_room(tally.row, W);
        for (std::int64_t q = 0; q < W; ++q)
            tally.row[static_cast<std::size_t>(q)] = line.values[q * lanes + n];
        store_.filtered(result, {tally.row.data(), {first_channel + n, 1, line.row}, W}, tally);
    }
}

/// Row i of the block.
void Epilogue::finish_row(const SumRows& block, std::int64_t i, Tally& tally) const {
    const TensorView<float>& sums = block.sums;
    const std::int64_t K = of_.problem.K, row = block.rows.first + i;
    if (of_.channels.weighted && !block.normalised) {
        for (std::int64_t k = 0; k < K; ++k)
            divide_by_opacity(&sums(0, k, i, 0), static_cast<std::size_t>(k), of_);
    }
    const bool stacked = of_.settings.combine == Combine::stack;
    if (!stacked) combine_maps(sums, i, of_);
    for (std::int64_t k = 0; k < (stacked ? K : 1); ++k) {
        const Line line{&sums(0, k, i, 0), row};
        if (!of_.bank.each_channel) {
            const Image& result = results_.front();
            store_.filtered(result, {line.values, {k, 1, row}, result.shape.W}, tally);
            continue;
        }
        const Image& result = results_[static_cast<std::size_t>(k)];
        if (of_.channels.luma) {
            store_luma(result, line, tally);
        } else {
            store_filtered(result, line, block.picture * of_.problem.N, tally);
        }
    }
}

std::optional<TensorView<std::uint8_t>> Epilogue::rounded_sums(std::int64_t picture,
                                                               RowRange rows) const {
    const Image& result = results_.front();
    const Strides& strides = result.strides;
    const FilterSettings& settings = of_.settings;
    const ChannelPlan& channels = of_.channels;
    const std::int64_t lanes = of_.problem.N;
    const bool as_they_are = of_.page.type == SampleType::u8 && result.type == SampleType::u8 &&
                             settings.range == ValueRange::clamp && of_.problem.K == 1 &&
                             !settings.encode && settings.rounding == Rounding::half_even &&
                             !(settings.selection && settings.selection->blends()) &&
                             !channels.weighted && !channels.luma && channels.copied.empty();
    if (!as_they_are || strides.W != lanes || (lanes > 1 && strides.C != 1)) return std::nullopt;
    return TensorView<std::uint8_t>{
        result.data<std::uint8_t>() + picture * lanes * strides.C + rows.first * strides.H,
        {lanes, 1, rows.count, of_.problem.Q()},
        {1, 0, strides.H, strides.W}};
}

Lost Epilogue::lost_inside(RowRange rows, const TensorView<float>& sums, Tally& tally) const {
    const Region& region = *of_.settings.selection->region();
    const RowRange inside = common_rows(rows, {region.y, region.height});
    const std::int64_t lanes = of_.problem.N, count = region.width * lanes;
    tally.samples.resize(static_cast<std::size_t>(count));
    Lost lost;
    for (std::int64_t row = inside.first; row < inside.first + inside.count; ++row) {
        lost += store_samples(&sums(0, 0, row - rows.first, region.x), count,
                              reinterpret_cast<std::uint8_t*>(tally.samples.data()));
    }
    return lost;
}

void Epilogue::finish(const SumRows& block, Tally& tally) const {
    tally.may_miss = block.normalised;
    for (std::int64_t i = 0; i < block.rows.count; ++i) finish_row(block, i, tally);
}

}  // namespace conv
