#include "pipeline/result_store.hpp"

#include <algorithm>
#include <cmath>

#include "pipeline/rescaling.hpp"
#include "tensor/transfer.hpp"

namespace conv {
namespace {

double half_up(double x) {
    return std::floor(x + 0.5);
}

double rounded(double x, const FilterSettings& settings) {
    constexpr double kWords = 257;  // 65535 / 255
    switch (settings.rounding) {
        case Rounding::half_even:
            break;
        case Rounding::half_up:
            return half_up(x);
        case Rounding::truncate:
            return std::trunc(x);
        case Rounding::word_half_up:
            return half_up(settings.depth == SampleType::u8 ? half_up(x * kWords) / kWords : x);
    }
    return x;
}

}  // namespace

ResultStore::ResultStore(const FilteredPage& of)
    : of_(of),
      deferred_(rescales(of.settings)),
      factor_(depth_factor(units_of(of.settings, of.page.type), of.settings.depth)) {
    input_.emplace(of.page, of.settings);
    if (of.settings.nodata) missing_.emplace(of);
}

/// Colours back from linear light; opacity and what does not count as they are.
void ResultStore::encode(const ResultRow& row) const {
    const auto& [channel, lanes, h] = row.place;
    for (std::int64_t i = 0; i < row.count(); ++i) {
        const bool colour = channel + i % lanes < of_.channels.colours;
        if (colour && !is_missing_mark(row.values[i]))
            row.values[i] = of_.settings.encode->to_coded(row.values[i]);
    }
}

/// Into the units of the depth and, where storing does not round as asked, to whole numbers.
void ResultStore::convert(const ResultRow& row) const {
    float* const end = row.values + row.count();
    if (factor_ > 1) {
        for (float* x = row.values; x != end; ++x) *x *= static_cast<float>(factor_);
    } else if (factor_ < 1) {
        const auto divisor = static_cast<float>(1 / factor_);
        for (float* x = row.values; x != end; ++x) *x /= divisor;
    }
    const FilterSettings& settings = of_.settings;
    if (settings.depth == SampleType::f32) return;
    if (settings.range == ValueRange::abs) {
        for (float* x = row.values; x != end; ++x) *x = std::abs(*x);
    }
    if (settings.rounding == Rounding::half_even) return;
    for (float* x = row.values; x != end; ++x)
        *x = static_cast<float>(rounded(static_cast<double>(*x), settings));
}

void ResultStore::gather_extremes(const ResultRow& row, Tally& tally) const {
    const auto& [channel, lanes, h] = row.place;
    const std::int64_t colours = std::clamp(of_.channels.colours - channel, std::int64_t{0}, lanes);
    for (std::int64_t w = 0; w < row.pixels; ++w) {
        for (std::int64_t n = 0; n < colours; ++n) {
            const double x = static_cast<double>(row.values[w * lanes + n]);
            if (!std::isfinite(x)) continue;
            tally.least = std::min(tally.least, x);
            tally.greatest = std::max(tally.greatest, x);
        }
    }
}

void ResultStore::filtered(const Image& result, const ResultRow& row, Tally& tally) const {
    if (of_.settings.encode) encode(row);
    copied(result, row, tally);
}

void ResultStore::copied(const Image& result, const ResultRow& row, Tally& tally) const {
    const bool selects = of_.settings.selection != nullptr;
    if (selects) input_->blend(row, tally);
    const bool may_miss = missing_ && !deferred_ && tally.may_miss;
    if (may_miss) MissingResults::take(row.values, row.count(), tally.marks);
    if (deferred_) {
        gather_extremes(row, tally);
    } else {
        convert(row);
        if (selects) input_->fit_outside(row);
    }
    tally.lost += store_row(result, row, tally.samples);
    if (may_miss) missing_->put(result, row.place, tally.marks);
}

}  // namespace conv
