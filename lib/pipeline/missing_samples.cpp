#include "pipeline/missing_samples.hpp"

#include <algorithm>

#include "pipeline/counted_rows.hpp"
#include "tensor/missing.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

/// Any of `count` samples that are `step` apart.
template <typename T>
bool any_apart(const T* samples, std::int64_t count, std::int64_t step, const Nodata& nodata) {
    for (std::int64_t i = 0; i < count; ++i) {
        if (nodata.matches(static_cast<float>(samples[i * step]))) return true;
    }
    return false;
}

/// Any of the first `channels` channels of a row.
template <typename T>
bool any_in_row(const Image& picture, std::int64_t row, std::int64_t channels,
                const Nodata& nodata) {
    const Strides& step = picture.strides;
    const std::int64_t W = picture.shape.W;
    const T* line = picture.data<const T>() + row * step.H;
    if (step.W == channels && (channels == 1 || step.C == 1))
        return any_missing(line, W * channels, nodata);
    for (std::int64_t c = 0; c < channels; ++c) {
        const T* channel = line + c * step.C;
        if (step.W == 1 ? any_missing(channel, W, nodata) : any_apart(channel, W, step.W, nodata))
            return true;
    }
    return false;
}

}  // namespace

MissingRows::MissingRows(const Image& picture, std::int64_t channels, const Nodata& nodata,
                         RowRange held)
    : picture_(picture),
      channels_(channels),
      nodata_(nodata),
      first_(held.first),
      states_(static_cast<std::size_t>(held.count)) {}

bool MissingRows::look(std::int64_t row) const {
    switch (picture_.type) {
        case SampleType::u8:
            return any_in_row<std::uint8_t>(picture_, row, channels_, nodata_);
        case SampleType::u16:
            return any_in_row<std::uint16_t>(picture_, row, channels_, nodata_);
        case SampleType::f32:
            break;
    }
    return any_in_row<float>(picture_, row, channels_, nodata_);
}

bool MissingRows::in_row(std::int64_t row) const {
    std::atomic<State>& state = states_[static_cast<std::size_t>(row - first_)];
    State known = state.load(std::memory_order_relaxed);
    if (known == State::unknown) {
        known = look(row) ? State::missing : State::counts;
        state.store(known, std::memory_order_relaxed);
    }
    return known == State::missing;
}

bool MissingRows::any(RowRange rows) const {
    for (std::int64_t row = rows.first; row < rows.first + rows.count; ++row) {
        if (in_row(row)) return true;
    }
    return false;
}

CountedSamples count_samples(const Image& picture, RowRange rows, const CountedChannels& channels,
                             const Nodata& nodata) {
    CountedRows counted;
    counted.hold(picture, rows, {0, channels.inputs, channels.opacity, channels.weighs}, nodata);
    return {rows_of(counted.values(), rows.first, rows.count),
            rows_of(counted.counts(), rows.first, rows.count)};
}

}  // namespace conv
