#include "pipeline/channel_conversion.hpp"

#include <algorithm>
#include <numeric>

#include "base/parallel.hpp"
#include "tensor/transfer.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

using Conversion = ChannelPlan::Conversion;

/// The grey of a page, and its opacity beside it where asked for, interleaved as float32. A grey of
/// which one part does not count is kMissingSample.
Image gray_picture(const Image& page, bool with_alpha, const FilterSettings& settings) {
    const int threads = settings.limits.threads;
    const std::int64_t lanes = with_alpha ? 2 : 1;
    const std::int64_t channels = with_alpha ? page.shape.C : 3;
    Image gray = Image::interleaved(SampleType::f32, lanes, page.shape.H, page.shape.W);
    const Source from = channels_as_pictures(page, channels);
    std::vector<std::vector<float>> rows(static_cast<std::size_t>(resolve_threads(threads)));
    const auto luma = [&](const float* x) {
        const TransferCurve* curve = settings.decode.get();
        return curve ? bt601_luma(curve->to_linear(x[0]), curve->to_linear(x[1]),
                                  curve->to_linear(x[2]))
                     : bt601_luma(x[0], x[1], x[2]);
    };
    const auto counts = [&](const float* x) {
        return !settings.nodata ||
               std::none_of(x, x + 3, [&](float part) { return settings.nodata->matches(part); });
    };
    parallel_for(page.shape.H, threads, [&](std::int64_t h, int worker) {
        std::vector<float>& row = rows[static_cast<std::size_t>(worker)];
        row.resize(static_cast<std::size_t>(page.shape.W * channels));
        from.read_row(0, h, 0, page.shape.W, row.data());
        float* to = gray.data<float>() + h * gray.strides.H;
        for (const float* x = row.data(); x != row.data() + row.size(); x += channels) {
            *to++ = counts(x) ? luma(x) : kMissingSample;
            if (with_alpha) *to++ = x[channels - 1];
        }
    });
    return gray;
}

/// The listed channels of a page, in the list's order.
Image selected_channels(const Image& page, const std::vector<std::int64_t>& list) {
    const auto count = static_cast<std::int64_t>(list.size());
    Image selected = Image::planar(page.type, count, page.shape.H, page.shape.W);
    const auto copy = [&](const auto* from, auto* to) {
        for (const std::int64_t c : list) {
            for (std::int64_t h = 0; h < page.shape.H; ++h) {
                const auto* row = from + c * page.strides.C + h * page.strides.H;
                for (std::int64_t w = 0; w < page.shape.W; ++w) *to++ = row[w * page.strides.W];
            }
        }
    };
    switch (page.type) {
        case SampleType::u8:
            copy(page.data<const std::uint8_t>(), selected.data<std::uint8_t>());
            break;
        case SampleType::u16:
            copy(page.data<const std::uint16_t>(), selected.data<std::uint16_t>());
            break;
        case SampleType::f32:
            copy(page.data<const float>(), selected.data<float>());
            break;
    }
    return selected;
}

/// The channels that a plan reads, those that are listed or the first ones, as float32 with the
/// colours in linear light. What does not count is kMissingSample.
Image linear_picture(const Image& page, const ChannelPlan& plan, const FilterSettings& settings) {
    std::vector<std::int64_t> list = settings.channels.list;
    if (!plan.lists_inputs) {
        list.resize(static_cast<std::size_t>(plan.inputs));
        std::iota(list.begin(), list.end(), 0);
    }
    Image linear =
        picture_like(page, SampleType::f32, {1, plan.inputs, page.shape.H, page.shape.W});
    const Source from = channels_as_pictures(page, page.shape.C);
    std::vector<std::vector<float>> rows(
        static_cast<std::size_t>(resolve_threads(settings.limits.threads)));
    const auto light = [&](float x, std::int64_t channel) {
        if (channel >= colours_of(page)) return x;
        if (settings.nodata && settings.nodata->matches(x)) return kMissingSample;
        return settings.decode->to_linear(x);
    };
    parallel_for(page.shape.H, settings.limits.threads, [&](std::int64_t h, int worker) {
        std::vector<float>& row = rows[static_cast<std::size_t>(worker)];
        row.resize(static_cast<std::size_t>(page.shape.W));
        for (std::size_t i = 0; i < list.size(); ++i) {
            from.batch(list[i], 1).read_row(0, h, 0, page.shape.W, row.data());
            float* to = linear.data<float>() + h * linear.strides.H +
                        static_cast<std::int64_t>(i) * linear.strides.C;
            for (const float x : row) {
                *to = light(x, list[i]);
                to += linear.strides.W;
            }
        }
    });
    return linear;
}

/// A constant border in linear light, one value a channel.
Border linear_border(const Image& page, const FilterSettings& settings) {
    Border border = settings.border;
    if (border.values.empty()) return border;
    border.values.clear();
    for (std::int64_t c = 0; c < page.shape.C; ++c) {
        const float value = settings.border.value(c);
        border.values.push_back(c < colours_of(page) ? settings.decode->to_linear(value) : value);
    }
    return border;
}

}  // namespace

Source channels_as_pictures(const Image& page, std::int64_t count) {
    return {page.type, page.samples.get(), Shape{count, 1, page.shape.H, page.shape.W},
            Strides{page.strides.C, 0, page.strides.H, page.strides.W}};
}

Image converted_channels(const Image& page, const ChannelPlan& plan,
                         const FilterSettings& settings) {
    switch (plan.conversion) {
        case Conversion::none:
            break;
        case Conversion::gray:
            return gray_picture(page, plan.alpha_filtered, settings);
        case Conversion::select:
            return selected_channels(page, settings.channels.list);
        case Conversion::linear:
            return linear_picture(page, plan, settings);
    }
    return {};
}

Border converted_border(const Image& page, const ChannelPlan& plan,
                        const FilterSettings& settings) {
    const Border given = settings.decode ? linear_border(page, settings) : settings.border;
    Border border = given;
    if (given.values.size() <= 1) return border;
    if (plan.conversion == Conversion::gray) {
        border.values = {bt601_luma(given.value(0), given.value(1), given.value(2))};
        if (plan.alpha_filtered) border.values.push_back(given.value(page.shape.C - 1));
    } else if (plan.lists_inputs) {
        border.values.clear();
        for (const std::int64_t c : settings.channels.list) border.values.push_back(given.value(c));
    }
    return border;
}

}  // namespace conv
