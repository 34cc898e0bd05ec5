#include "pipeline/missing_results.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tensor/missing.hpp"

namespace conv {
namespace {

constexpr std::int64_t kPiece = 512;  // values that are looked through at once

/// Calls `body` with the samples of a picture, from row `row` on, as a pointer to their type.
template <typename Body>
void with_row(const Image& picture, std::int64_t row, const Body& body) {
    const std::int64_t at = row * picture.strides.H;
    switch (picture.type) {
        case SampleType::u8:
            return body(static_cast<std::uint8_t*>(nullptr),
                        static_cast<const std::uint8_t*>(picture.samples.get()) + at);
        case SampleType::u16:
            return body(static_cast<std::uint16_t*>(nullptr),
                        static_cast<const std::uint16_t*>(picture.samples.get()) + at);
        case SampleType::f32:
            break;
    }
    body(static_cast<float*>(nullptr), static_cast<const float*>(picture.samples.get()) + at);
}

}  // namespace

MissingResults::MissingResults(const FilteredPage& of)
    : page_(of.page),
      problem_(of.problem),
      nodata_(*of.settings.nodata),
      anchor_(of.bank.anchor),
      keeps_samples_(nodata_.keeps_samples() && of.bank.each_channel &&
                     (of.channels.luma || of.channels.conversion != ChannelPlan::Conversion::gray)),
      factor_(depth_factor(units_of(of.settings, of.page.type), of.settings.depth)) {}

void MissingResults::take(float* values, std::int64_t count, std::vector<std::int64_t>& marks) {
    std::array<std::int64_t, kPiece> places;
    marks.clear();
    for (std::int64_t first = 0; first < count; first += kPiece) {
        const std::int64_t found =
            take_missing_marks(values + first, std::min(kPiece, count - first), places.data());
        for (std::int64_t i = 0; i < found; ++i)
            marks.push_back(first + places[static_cast<std::size_t>(i)]);
    }
}

void MissingResults::put(const Image& result, const ResultPlace& place,
                         const std::vector<std::int64_t>& marks) const {
    if (marks.empty()) return;
    const Problem& p = problem_;
    const std::int64_t h = place.row * p.stride_h - p.padding.top + anchor_.y * p.dilation_h;
    const std::int64_t first = anchor_.x * p.dilation_w - p.padding.left;
    const bool inside = keeps_samples_ && h >= 0 && h < page_.shape.H;
    const auto scaled = [&](float x) {
        return factor_ == 1 ? x
                            : static_cast<float>(std::nearbyint(static_cast<double>(x) * factor_));
    };
    const float stands = scaled(nodata_.result);
    const auto fill = [&](const auto* samples, auto* to) {
        using T = std::remove_pointer_t<decltype(to)>;
        for (const std::int64_t i : marks) {
            const std::int64_t q = place.lanes == 1 ? i : i / place.lanes;
            const std::int64_t n = i - q * place.lanes, w = first + q * p.stride_w;
            float value = stands;
            if (inside && w >= 0 && w < page_.shape.W) {
                const auto x = static_cast<float>(
                    samples[w * page_.strides.W + (place.channel + n) * page_.strides.C]);
                if (nodata_.matches(x)) value = scaled(x);
            }
            to[q * result.strides.W + n * result.strides.C] = static_cast<T>(value);
        }
    };
    with_row(page_, inside ? h : 0, [&](auto*, const auto* samples) {
        with_row(result, place.row, [&](auto* type, const auto*) {
            using T = std::remove_pointer_t<decltype(type)>;
            fill(samples, result.data<T>() + place.row * result.strides.H +
                              place.channel * result.strides.C);
        });
    });
}

}  // namespace conv
