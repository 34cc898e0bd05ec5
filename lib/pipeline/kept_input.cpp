#include "pipeline/kept_input.hpp"

#include <algorithm>

#include "pipeline/channel_conversion.hpp"
#include "pipeline/selection.hpp"
#include "tensor/window.hpp"

namespace conv {

Source KeptInput::source(const ResultPlace& place) const {
    return channels_as_pictures(input_, input_.shape.C).batch(place.channel, place.lanes);
}

void KeptInput::read(const ResultRow& row, Tally& tally) const {
    tally.input.resize(static_cast<std::size_t>(row.count()));
    source(row.place).read_row(0, row.place.row, 0, row.pixels, tally.input.data());
}

void KeptInput::blend(const ResultRow& row, Tally& tally) const {
    const Selection& selection = *settings_.selection;
    const std::int64_t lanes = row.place.lanes, h = row.place.row;
    if (!selection.blends()) {
        const Source input = source(row.place);
        for (const auto& [first, count] : selection.outside(h, row.pixels))
            input.read_row(0, h, first, count, row.values + first * lanes);
        return;
    }
    selection.weights(h, row.pixels, tally.weights);
    read(row, tally);
    for (std::int64_t i = 0; i < row.count(); ++i) {
        const float m = tally.weights[static_cast<std::size_t>(i / lanes)];
        const float x = tally.input[static_cast<std::size_t>(i)];
        float& value = row.values[i];
        if (m == 0) value = x;
        if (m > 0 && m < 1 && !is_missing_mark(value)) value = x + m * (value - x);
    }
}

void KeptInput::fit_outside(const ResultRow& row) const {
    if (settings_.depth == SampleType::f32 || input_.type != SampleType::f32) return;
    const auto most = static_cast<float>(sample_maximum(settings_.depth));
    const std::int64_t lanes = row.place.lanes;
    for (const auto& [first, count] : settings_.selection->outside(row.place.row, row.pixels)) {
        for (float* x = row.values + first * lanes; x < row.values + (first + count) * lanes; ++x)
            *x = *x >= 0 ? std::min(*x, most) : 0.0F;
    }
}

void KeptInput::copy_outside(const Image& result, const ResultRow& row) const {
    const auto& [channel, lanes, h] = row.place;
    for (const auto& [first, count] : settings_.selection->outside(h, row.pixels))
        copy_pixels(input_, result, {h, first, count, channel, lanes});
}

void KeptInput::restore_bytes(const Image& result, const ResultRow& row, const Tally& tally) const {
    const Strides& step = result.strides;
    const auto& [channel, lanes, h] = row.place;
    auto* to = result.data<std::uint8_t>() + h * step.H + channel * step.C;
    for (std::int64_t i = 0; i < row.count(); ++i) {
        const std::int64_t q = i / lanes;
        if (tally.weights[static_cast<std::size_t>(q)] == 0)
            to[q * step.W + i % lanes * step.C] =
                static_cast<std::uint8_t>(tally.input[static_cast<std::size_t>(i)]);
    }
}

}  // namespace conv
