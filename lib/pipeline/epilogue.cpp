#include "pipeline/epilogue.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "pipeline/band_plan.hpp"
#include "pipeline/normalisation.hpp"
#include "tensor/transfer.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

template <typename T>
Lost store_run(const float* from, std::int64_t count, T* to) {
    if constexpr (std::is_same_v<T, float>) {
        std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
        return {};
    } else {
        return store_samples(from, count, to);
    }
}

/// Stores `count` pixels of `lanes` neighbouring channels, from `to` on with the picture's strides.
template <typename T>
Lost store_pixels(const float* from, std::int64_t count, std::int64_t lanes, const Strides& strides,
                  T* to, std::vector<std::byte>& scratch) {
    if (strides.W == lanes && (lanes == 1 || strides.C == 1)) {
        return store_run(from, count * lanes, to);
    }
    scratch.resize(static_cast<std::size_t>(count * lanes) * sizeof(T));
    T* samples = reinterpret_cast<T*>(scratch.data());
    const Lost lost = store_run(from, count * lanes, samples);
    for (std::int64_t w = 0; w < count; ++w) {
        for (std::int64_t n = 0; n < lanes; ++n) to[w * strides.W + n * strides.C] = *samples++;
    }
    return lost;
}

Lost store_row(const Image& result, std::int64_t channel, std::int64_t lanes, std::int64_t row,
               const float* values, std::vector<std::byte>& scratch) {
    const std::int64_t at = channel * result.strides.C + row * result.strides.H;
    const std::int64_t count = result.shape.W;
    switch (result.type) {
        case SampleType::u8:
            return store_pixels(values, count, lanes, result.strides,
                                result.data<std::uint8_t>() + at, scratch);
        case SampleType::u16:
            return store_pixels(values, count, lanes, result.strides,
                                result.data<std::uint16_t>() + at, scratch);
        case SampleType::f32:
            break;
    }
    return store_pixels(values, count, lanes, result.strides, result.data<float>() + at, scratch);
}

void gather_extremes(const float* values, std::int64_t count, std::int64_t lanes,
                     std::int64_t colour_lanes, Tally& tally) {
    for (std::int64_t w = 0; w < count; ++w) {
        for (std::int64_t n = 0; n < colour_lanes; ++n) {
            const double x = static_cast<double>(values[w * lanes + n]);
            if (!std::isfinite(x)) continue;
            tally.least = std::min(tally.least, x);
            tally.greatest = std::max(tally.greatest, x);
        }
    }
}

}  // namespace

Epilogue::Epilogue(const Image& page, const ChannelPlan& channels, const Problem& problem,
                   const Bank& bank, const FilterSettings& settings, std::vector<Image>& results)
    : page_(page),
      channels_(channels),
      problem_(problem),
      bank_(bank),
      settings_(settings),
      results_(results),
      deferred_(settings.range == ValueRange::rescale && settings.depth != SampleType::f32) {
    assert(!results.empty());
    if (settings.nodata) missing_.emplace(page, channels, problem, bank, settings);
    if (channels.copied.empty() && !channels.luma) return;
    for (std::int64_t q = 0; q < problem.Q(); ++q) {
        const std::int64_t w =
            q * problem.stride_w - problem.padding.left + bank.anchor.x * problem.dilation_w;
        anchor_columns_.push_back(border_index(problem.border.mode, w, page.shape.W));
    }
}

std::int64_t Epilogue::anchor_row(std::int64_t p) const {
    const std::int64_t h =
        p * problem_.stride_h - problem_.padding.top + bank_.anchor.y * problem_.dilation_h;
    return border_index(problem_.border.mode, h, page_.shape.H);
}

float Epilogue::page_sample(std::int64_t channel, std::int64_t h, std::int64_t q) const {
    const std::int64_t w = anchor_columns_[static_cast<std::size_t>(q)];
    if (h < 0 || w < 0) return settings_.border.value(channel);
    const Source page(page_.type, page_.samples.get(), page_.shape, page_.strides);
    return page.at(0, channel, h, w);
}

/// colour = sum(w a x) * sum(w) / A + bias and alpha = A / sum(w), with A = sum(w a) in the last
/// lane.
void Epilogue::divide_by_opacity(float* line, std::size_t map) const {
    const Normalisation weights(bank_, map, channels_.full_opacity);
    const std::int64_t lanes = problem_.N;
    for (std::int64_t q = 0; q < problem_.Q(); ++q, line += lanes) {
        const double A = static_cast<double>(line[lanes - 1]);
        const bool visible = weights.enough(A);
        for (std::int64_t n = 0; n + 1 < lanes; ++n) {
            const double x = static_cast<double>(line[n]);
            line[n] = visible ? weights.divided(x, A) : 0.0F;
        }
        line[lanes - 1] = weights.opacity(A);
    }
}

/// Reduces the maps of one row into map 0. Opacity, where it is a lane, becomes the largest.
void Epilogue::combine_maps(const TensorView<float>& sums, std::int64_t row) const {
    const std::int64_t lanes = problem_.N, count = problem_.Q() * lanes;
    float* first = &sums(0, 0, row, 0);
    const auto is_alpha = [&](std::int64_t i) {
        return channels_.weighted && i % lanes == lanes - 1;
    };
    for (std::int64_t i = 0; i < count; ++i) {
        double result = static_cast<double>(first[i]);
        const bool largest = settings_.combine == Combine::max || is_alpha(i);
        const bool squared = settings_.combine == Combine::l2 && !is_alpha(i);
        if (squared) result *= result;
        for (std::int64_t k = 1; k < problem_.K; ++k) {
            const double x = static_cast<double>(first[k * sums.strides.C + i]);
            if (largest) {
                result = std::isnan(x) || x > result ? x : result;
            } else {
                result += squared ? x * x : x;
            }
        }
        first[i] = static_cast<float>(squared ? std::sqrt(result) : result);
    }
}

void Epilogue::store(const Image& result, std::int64_t channel, std::int64_t lanes,
                     std::int64_t row, float* values, Tally& tally, bool copies) const {
    const std::int64_t count = result.shape.W * lanes;
    const Values row_values{values, channel, lanes, row, count};
    if (settings_.encode && !copies) encode(row_values);
    if (settings_.selection) select(row_values, tally);
    const bool may_miss = missing_ && !deferred_ && tally.may_miss;
    if (may_miss) MissingResults::take(values, count, tally.marks);
    if (deferred_) {
        const std::int64_t colours =
            std::clamp(channels_.colours - channel, std::int64_t{0}, lanes);
        gather_extremes(values, result.shape.W, lanes, colours, tally);
    } else {
        convert_values(values, count);
        if (settings_.selection) fit_outside(row_values);
    }
    tally.lost += store_row(result, channel, lanes, row, values, tally.samples);
    if (may_miss) missing_->put(result, {channel, lanes, row}, tally.marks);
}

/// Into the units of the depth.
void Epilogue::convert_values(float* values, std::int64_t count) const {
    const double factor = depth_factor(units_of(settings_, page_.type), settings_.depth);
    if (factor > 1) {
        for (std::int64_t i = 0; i < count; ++i) values[i] *= static_cast<float>(factor);
    } else if (factor < 1) {
        const auto divisor = static_cast<float>(1 / factor);
        for (std::int64_t i = 0; i < count; ++i) values[i] /= divisor;
    }
    if (settings_.depth == SampleType::f32) return;
    if (settings_.range == ValueRange::abs) {
        for (std::int64_t i = 0; i < count; ++i) values[i] = std::abs(values[i]);
    }
    if (settings_.rounding != Rounding::half_even) round_values(values, count);
}

/// To whole numbers, for rules other than that of storing.
void Epilogue::round_values(float* values, std::int64_t count) const {
    constexpr double kWords = 257;  // 65535 / 255
    const auto half_up = [](double x) { return std::floor(x + 0.5); };
    for (std::int64_t i = 0; i < count; ++i) {
        const auto x = static_cast<double>(values[i]);
        double rounded = x;
        switch (settings_.rounding) {
            case Rounding::half_even:
                break;
            case Rounding::half_up:
                rounded = half_up(x);
                break;
            case Rounding::truncate:
                rounded = std::trunc(x);
                break;
            case Rounding::word_half_up:
                rounded =
                    half_up(settings_.depth == SampleType::u8 ? half_up(x * kWords) / kWords : x);
                break;
        }
        values[i] = static_cast<float>(rounded);
    }
}

/// Colours back from linear light; opacity and what does not count as they are.
void Epilogue::encode(const Values& v) const {
    for (std::int64_t i = 0; i < v.count; ++i) {
        const bool colour = v.channel + i % v.lanes < channels_.colours;
        if (colour && !is_missing_mark(v.values[i]))
            v.values[i] = settings_.encode->to_coded(v.values[i]);
    }
}

Source Epilogue::input_source(std::int64_t channel, std::int64_t lanes) const {
    const Source input(input_->type, input_->samples.get(),
                       {input_->shape.C, 1, input_->shape.H, input_->shape.W},
                       {input_->strides.C, 0, input_->strides.H, input_->strides.W});
    return input.batch(channel, lanes);
}

/// The input's samples where these values go, in their units.
void Epilogue::read_input(const Values& v, Tally& tally) const {
    tally.input.resize(static_cast<std::size_t>(v.count));
    input_source(v.channel, v.lanes).read_row(0, v.row, 0, v.count / v.lanes, tally.input.data());
}

/// Blends results with the input as the selection says.
void Epilogue::select(const Values& v, Tally& tally) const {
    if (!settings_.selection->blends()) {
        const Source input = input_source(v.channel, v.lanes);
        for (const auto& [first, count] : settings_.selection->outside(v.row, v.count / v.lanes))
            input.read_row(0, v.row, first, count, v.values + first * v.lanes);
        return;
    }
    settings_.selection->weights(v.row, v.count / v.lanes, tally.weights);
    read_input(v, tally);
    for (std::int64_t i = 0; i < v.count; ++i) {
        const float m = tally.weights[static_cast<std::size_t>(i / v.lanes)];
        const float x = tally.input[static_cast<std::size_t>(i)];
        float& value = v.values[i];
        if (m == 0) value = x;
        if (m > 0 && m < 1 && !is_missing_mark(value)) value = x + m * (value - x);
    }
}

/// What an integer depth cannot hold of the input is not lost by filtering.
void Epilogue::fit_outside(const Values& v) const {
    if (settings_.depth == SampleType::f32 || input_->type != SampleType::f32) return;
    const auto most = static_cast<float>(sample_maximum(settings_.depth));
    for (const auto& [first, count] : settings_.selection->outside(v.row, v.count / v.lanes)) {
        for (float* x = v.values + first * v.lanes; x < v.values + (first + count) * v.lanes; ++x)
            *x = *x >= 0 ? std::min(*x, most) : 0.0F;
    }
}

/// Pixels outside of the region, bit for bit.
void Epilogue::copy_input(const Image& result, const Values& v) const {
    for (const auto& [first, count] : settings_.selection->outside(v.row, v.count / v.lanes))
        copy_pixels(*input_, result, {v.row, first, count, v.channel, v.lanes});
}

void Epilogue::restore_row(std::int64_t picture, std::int64_t row, Tally& tally) const {
    const Lost filtered = tally.lost;
    tally.may_miss = true;
    const std::int64_t filtered_lanes = channels_.colours + (channels_.alpha_filtered ? 1 : 0);
    const std::int64_t lanes = channels_.luma ? filtered_lanes : problem_.N;
    const std::int64_t channel = channels_.luma ? 0 : picture * lanes;
    const bool same_samples = input_->type == results_.front().type && !deferred_;
    if (same_samples && !settings_.selection->blends()) {
        for (const Image& result : results_)
            copy_input(result, {nullptr, channel, lanes, row, problem_.Q() * lanes});
        return;
    }
    settings_.selection->weights(row, problem_.Q(), tally.weights);
    const std::vector<float> weights = tally.weights;
    for (const Image& result : results_) {
        const bool some =
            std::any_of(weights.begin(), weights.end(), [](float m) { return m > 0; });
        const Values values{nullptr, channel, lanes, row, problem_.Q() * lanes};
        read_input(values, tally);
        if (some) {
            restore_bytes(result, values, weights, tally);
        } else {
            tally.row = tally.input;
            store(result, channel, lanes, row, tally.row.data(), tally, true);
        }
    }
    tally.lost = filtered;
}

/// Beside bytes that are there already.
void Epilogue::restore_bytes(const Image& result, const Values& v,
                             const std::vector<float>& weights, const Tally& tally) const {
    const Strides& step = result.strides;
    auto* row = result.data<std::uint8_t>() + v.row * step.H + v.channel * step.C;
    for (std::int64_t i = 0; i < v.count; ++i) {
        const std::int64_t q = i / v.lanes;
        if (weights[static_cast<std::size_t>(q)] == 0)
            row[q * step.W + i % v.lanes * step.C] =
                static_cast<std::uint8_t>(tally.input[static_cast<std::size_t>(i)]);
    }
}

bool Epilogue::anchor_inside(std::int64_t row, std::int64_t q) const {
    const std::int64_t h =
        row * problem_.stride_h - problem_.padding.top + bank_.anchor.y * problem_.dilation_h;
    const std::int64_t w =
        q * problem_.stride_w - problem_.padding.left + bank_.anchor.x * problem_.dilation_w;
    return h >= 0 && h < page_.shape.H && w >= 0 && w < page_.shape.W;
}

/// Colours of which one does not count stay as they are; where nothing counts, nothing does.
void Epilogue::keep_missing_luma(float* pixel, bool inside) const {
    const Nodata& nodata = *settings_.nodata;
    float* end = pixel + channels_.colours;
    const bool stays =
        inside && std::any_of(pixel, end, [&](float x) { return nodata.matches(x); });
    std::replace_if(
        pixel, end, [&](float x) { return !stays || nodata.matches(x); }, kMissingSample);
}

/// Moves every colour of the page by what filtering changed its luma.
void Epilogue::store_luma(const Image& result, std::int64_t row, float* line, Tally& tally) const {
    const std::int64_t lanes = problem_.N, h = anchor_row(row), colours = channels_.colours;
    const std::int64_t out = colours + lanes - 1;
    tally.row.resize(static_cast<std::size_t>(result.shape.W * out));
    for (std::int64_t q = 0; q < result.shape.W; ++q) {
        float* pixel = tally.row.data() + q * out;
        for (std::int64_t c = 0; c < colours; ++c) {
            pixel[c] = page_sample(c, h, q);
            if (settings_.decode) pixel[c] = settings_.decode->to_linear(pixel[c]);
        }
        const float change = line[q * lanes] - bt601_luma(pixel[0], pixel[1], pixel[2]);
        if (settings_.nodata && is_missing_mark(line[q * lanes])) {
            keep_missing_luma(pixel, anchor_inside(row, q));
        } else {
            for (std::int64_t c = 0; c < colours; ++c) pixel[c] += change;
        }
        if (lanes > 1) pixel[colours] = line[q * lanes + 1];
    }
    store(result, 0, out, row, tally.row.data(), tally);
}

void Epilogue::copy_channels(std::int64_t row, Tally& tally) const {
    const Lost filtered = tally.lost;
    tally.may_miss = true;
    const std::int64_t h = anchor_row(row);
    for (const Image& result : results_) {
        for (const auto& [to, from] : channels_.copied) {
            tally.row.resize(static_cast<std::size_t>(result.shape.W));
            for (std::int64_t q = 0; q < result.shape.W; ++q) {
                tally.row[static_cast<std::size_t>(q)] = page_sample(from, h, q);
            }
            store(result, to, 1, row, tally.row.data(), tally, true);
        }
    }
    tally.lost = filtered;
}

/// Stores the lanes of a line as neighbouring channels, leaving out those that are copied.
void Epilogue::store_filtered(const Image& result, std::int64_t first_channel, std::int64_t row,
                              float* line, Tally& tally) const {
    const std::int64_t lanes = problem_.N;
    const auto is_copied = [&](std::int64_t channel) {
        return std::any_of(channels_.copied.begin(), channels_.copied.end(),
                           [&](const auto& pair) { return pair.first == channel; });
    };
    bool all = true;
    for (std::int64_t n = 0; n < lanes; ++n) all = all && !is_copied(first_channel + n);
    if (all) return store(result, first_channel, lanes, row, line, tally);
    for (std::int64_t n = 0; n < lanes; ++n) {
        if (is_copied(first_channel + n)) continue;
        tally.row.resize(static_cast<std::size_t>(result.shape.W));
        for (std::int64_t q = 0; q < result.shape.W; ++q) {
            tally.row[static_cast<std::size_t>(q)] = line[q * lanes + n];
        }
        store(result, first_channel + n, 1, row, tally.row.data(), tally);
    }
}

void Epilogue::finish_row(std::int64_t picture, std::int64_t row, const Line& sums_line,
                          Tally& tally) const {
    const TensorView<float>& sums = sums_line.sums;
    if (channels_.weighted && !sums_line.normalised) {
        for (std::int64_t k = 0; k < problem_.K; ++k) {
            divide_by_opacity(&sums(0, k, sums_line.row, 0), static_cast<std::size_t>(k));
        }
    }
    if (settings_.combine != Combine::stack) combine_maps(sums, sums_line.row);
    const std::int64_t maps = settings_.combine == Combine::stack ? problem_.K : 1;
    for (std::int64_t k = 0; k < maps; ++k) {
        float* line = &sums(0, k, sums_line.row, 0);
        if (!bank_.each_channel) {
            store(results_.front(), k, 1, row, line, tally);
            continue;
        }
        const Image& result = results_[static_cast<std::size_t>(k)];
        if (channels_.luma) {
            store_luma(result, row, line, tally);
        } else {
            store_filtered(result, picture * problem_.N, row, line, tally);
        }
    }
}

std::optional<TensorView<std::uint8_t>> Epilogue::rounded_sums(std::int64_t picture,
                                                               RowRange rows) const {
    const Image& result = results_.front();
    const Strides& strides = result.strides;
    const std::int64_t lanes = problem_.N;
    const bool as_they_are = page_.type == SampleType::u8 && result.type == SampleType::u8 &&
                             settings_.range == ValueRange::clamp && problem_.K == 1 &&
                             !settings_.encode && settings_.rounding == Rounding::half_even &&
                             !(settings_.selection && settings_.selection->blends()) &&
                             !channels_.weighted && !channels_.luma && channels_.copied.empty();
    if (!as_they_are || strides.W != lanes || (lanes > 1 && strides.C != 1)) return std::nullopt;
    return TensorView<std::uint8_t>{
        result.data<std::uint8_t>() + picture * lanes * strides.C + rows.first * strides.H,
        {lanes, 1, rows.count, problem_.Q()},
        {1, 0, strides.H, strides.W}};
}

Lost Epilogue::lost_inside(RowRange rows, const TensorView<float>& sums, Tally& tally) const {
    const Region& region = *settings_.selection->region();
    const RowRange inside = common_rows(rows, {region.y, region.height});
    const std::int64_t lanes = problem_.N, count = region.width * lanes;
    tally.samples.resize(static_cast<std::size_t>(count));
    Lost lost;
    for (std::int64_t row = inside.first; row < inside.first + inside.count; ++row) {
        lost += store_samples(&sums(0, 0, row - rows.first, region.x), count,
                              reinterpret_cast<std::uint8_t*>(tally.samples.data()));
    }
    return lost;
}

void Epilogue::finish(std::int64_t picture, RowRange rows, TensorView<float> sums, Tally& tally,
                      bool normalised) const {
    tally.may_miss = normalised;
    for (std::int64_t i = 0; i < rows.count; ++i) {
        finish_row(picture, rows.first + i, {sums, i, normalised}, tally);
    }
}

Rescaling rescaling_of(SampleType from, const FilterSettings& settings,
                       std::pair<double, double> extremes) {
    const double missing = settings.nodata ? static_cast<double>(settings.nodata->result) : 0;
    return {from, settings.depth, extremes.first, extremes.second, missing};
}

Image rescale_picture(const Image& picture, const Rescaling& rescaling, Lost& lost) {
    const auto& [from, depth, least, greatest, missing] = rescaling;
    Image scaled = picture;
    const std::int64_t C = picture.shape.C;
    const bool planar = C > 1 && picture.strides.W == 1;
    scaled = planar ? Image::planar(depth, C, picture.shape.H, picture.shape.W)
                    : Image::interleaved(depth, C, picture.shape.H, picture.shape.W);
    scaled.has_alpha = picture.has_alpha;
    const double white = sample_maximum(depth);
    const double factor = greatest > least ? white / (greatest - least) : 0;
    std::vector<float> row(static_cast<std::size_t>(picture.shape.W));
    std::vector<std::byte> scratch;
    for (std::int64_t c = 0; c < C; ++c) {
        const bool alpha = picture.has_alpha && c == C - 1;
        for (std::int64_t h = 0; h < picture.shape.H; ++h) {
            const float* x =
                picture.data<const float>() + c * picture.strides.C + h * picture.strides.H;
            for (std::int64_t w = 0; w < picture.shape.W; ++w) {
                const double value = static_cast<double>(x[w * picture.strides.W]);
                const bool counts = !is_missing_mark(x[w * picture.strides.W]);
                const double result = !counts             ? missing * depth_factor(from, depth)
                                      : alpha             ? value * depth_factor(from, depth)
                                      : std::isnan(value) ? value
                                      : factor == 0       ? 0
                                                          : (value - least) * factor;
                row[static_cast<std::size_t>(w)] = static_cast<float>(result);
            }
            lost += store_row(scaled, c, 1, h, row.data(), scratch);
        }
    }
    return scaled;
}

}  // namespace conv
