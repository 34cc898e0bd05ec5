#include "pipeline/rescaling.hpp"

#include <cmath>
#include <vector>

#include "pipeline/result_row.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

/// What becomes of one sample.
class RescaledSample {
public:
    explicit RescaledSample(const Rescaling& r)
        : units_(depth_factor(r.from, r.depth)),
          least_(r.least),
          missing_(r.missing),
          factor_(r.greatest > r.least ? sample_maximum(r.depth) / (r.greatest - r.least) : 0) {}

    double operator()(float x, bool alpha) const {
        const auto value = static_cast<double>(x);
        if (is_missing_mark(x)) return missing_ * units_;
        if (alpha) return value * units_;
        if (std::isnan(value)) return value;
        return factor_ == 0 ? 0 : (value - least_) * factor_;
    }

private:
    double units_, least_, missing_, factor_;
};

}  // namespace

bool rescales(const FilterSettings& settings) {
    return settings.range == ValueRange::rescale && settings.depth != SampleType::f32;
}

Rescaling rescaling_of(SampleType from, const FilterSettings& settings,
                       std::pair<double, double> extremes) {
    const double missing = settings.nodata ? static_cast<double>(settings.nodata->result) : 0;
    return {from, settings.depth, extremes.first, extremes.second, missing};
}

Image rescale_picture(const Image& picture, const Rescaling& rescaling, Lost& lost) {
    Image scaled = picture_like(picture, rescaling.depth, picture.shape);
    scaled.has_alpha = picture.has_alpha;
    const RescaledSample rescaled(rescaling);
    const std::int64_t C = picture.shape.C, W = picture.shape.W;
    std::vector<float> row(static_cast<std::size_t>(W));
    std::vector<std::byte> scratch;
    for (std::int64_t c = 0; c < C; ++c) {
        const bool alpha = picture.has_alpha && c == C - 1;
        for (std::int64_t h = 0; h < picture.shape.H; ++h) {
            const float* x =
                picture.data<const float>() + c * picture.strides.C + h * picture.strides.H;
            for (std::int64_t w = 0; w < W; ++w) {
                row[static_cast<std::size_t>(w)] =
                    static_cast<float>(rescaled(x[w * picture.strides.W], alpha));
            }
            lost += store_row(scaled, {row.data(), {c, 1, h}, W}, scratch);
        }
    }
    return scaled;
}

}  // namespace conv
