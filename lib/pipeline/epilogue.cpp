#include "pipeline/epilogue.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace conv {
namespace {

// Below this part of what full opacity would give, a result is transparent.
constexpr double kOpacityPart = 1e-6;

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

double depth_factor(SampleType from, SampleType to) {
    constexpr double kWordsPerByte = 257;  // 65535 / 255
    if (from == SampleType::u8 && to == SampleType::u16) return kWordsPerByte;
    if (from == SampleType::u16 && to == SampleType::u8) return 1 / kWordsPerByte;
    return 1;
}

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
    const double sum = bank_.sums[map];
    const double opaque = sample_maximum(page_.type);
    const double bias = bank_.bias.empty() ? 0 : static_cast<double>(bank_.bias[map]);
    // Relative to the sign of sum(w): a kernel of negative numbers weighs opacity just as well.
    const double least = kOpacityPart * bank_.absolute_sums[map] * opaque;
    const std::int64_t lanes = problem_.N;
    for (std::int64_t q = 0; q < problem_.Q(); ++q, line += lanes) {
        const double A = static_cast<double>(line[lanes - 1]);
        // Written so that NaN is visible: it must reach the colours too.
        const bool visible = !(std::copysign(1.0, sum) * A <= least);
        for (std::int64_t n = 0; n + 1 < lanes; ++n) {
            const double x = static_cast<double>(line[n]);
            line[n] = visible ? static_cast<float>(x * sum / A + bias) : 0.0F;
        }
        line[lanes - 1] = static_cast<float>(std::clamp(A / sum, 0.0, opaque));
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
                     std::int64_t row, float* values, Tally& tally) const {
    const std::int64_t count = result.shape.W * lanes;
    if (deferred_) {
        const std::int64_t colours =
            std::clamp(channels_.colours - channel, std::int64_t{0}, lanes);
        gather_extremes(values, result.shape.W, lanes, colours, tally);
    } else {
        const double factor = depth_factor(page_.type, settings_.depth);
        if (factor > 1) {
            for (std::int64_t i = 0; i < count; ++i) values[i] *= static_cast<float>(factor);
        } else if (factor < 1) {
            const auto divisor = static_cast<float>(1 / factor);
            for (std::int64_t i = 0; i < count; ++i) values[i] /= divisor;
        }
        if (settings_.range == ValueRange::abs && settings_.depth != SampleType::f32) {
            for (std::int64_t i = 0; i < count; ++i) values[i] = std::abs(values[i]);
        }
    }
    tally.lost += store_row(result, channel, lanes, row, values, tally.samples);
}

/// Moves every colour of the page by what filtering changed its luma.
void Epilogue::store_luma(const Image& result, std::int64_t row, float* line, Tally& tally) const {
    const std::int64_t lanes = problem_.N, h = anchor_row(row), colours = channels_.colours;
    const std::int64_t out = colours + lanes - 1;
    tally.row.resize(static_cast<std::size_t>(result.shape.W * out));
    for (std::int64_t q = 0; q < result.shape.W; ++q) {
        float* pixel = tally.row.data() + q * out;
        for (std::int64_t c = 0; c < colours; ++c) pixel[c] = page_sample(c, h, q);
        const float change = line[q * lanes] - bt601_luma(pixel[0], pixel[1], pixel[2]);
        for (std::int64_t c = 0; c < colours; ++c) pixel[c] += change;
        if (lanes > 1) pixel[colours] = line[q * lanes + 1];
    }
    store(result, 0, out, row, tally.row.data(), tally);
}

void Epilogue::copy_channels(std::int64_t row, Tally& tally) const {
    const Lost filtered = tally.lost;
    const std::int64_t h = anchor_row(row);
    for (const Image& result : results_) {
        for (const auto& [to, from] : channels_.copied) {
            tally.row.resize(static_cast<std::size_t>(result.shape.W));
            for (std::int64_t q = 0; q < result.shape.W; ++q) {
                tally.row[static_cast<std::size_t>(q)] = page_sample(from, h, q);
            }
            store(result, to, 1, row, tally.row.data(), tally);
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

void Epilogue::finish_row(std::int64_t picture, std::int64_t row, const TensorView<float>& sums,
                          std::int64_t sums_row, Tally& tally) const {
    if (channels_.weighted) {
        for (std::int64_t k = 0; k < problem_.K; ++k) {
            divide_by_opacity(&sums(0, k, sums_row, 0), static_cast<std::size_t>(k));
        }
    }
    if (settings_.combine != Combine::stack) combine_maps(sums, sums_row);
    const std::int64_t maps = settings_.combine == Combine::stack ? problem_.K : 1;
    for (std::int64_t k = 0; k < maps; ++k) {
        float* line = &sums(0, k, sums_row, 0);
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
                             !channels_.weighted && !channels_.luma && channels_.copied.empty();
    if (!as_they_are || strides.W != lanes || (lanes > 1 && strides.C != 1)) return std::nullopt;
    return TensorView<std::uint8_t>{
        result.data<std::uint8_t>() + picture * lanes * strides.C + rows.first * strides.H,
        {lanes, 1, rows.count, problem_.Q()},
        {1, 0, strides.H, strides.W}};
}

void Epilogue::finish(std::int64_t picture, RowRange rows, TensorView<float> sums,
                      Tally& tally) const {
    for (std::int64_t i = 0; i < rows.count; ++i) {
        finish_row(picture, rows.first + i, sums, i, tally);
    }
}

Image rescale_picture(const Image& picture, SampleType from, SampleType depth, double least,
                      double greatest, Lost& lost) {
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
                const double result = alpha               ? value * depth_factor(from, depth)
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
