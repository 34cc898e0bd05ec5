#include "pipeline/missing_samples.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace conv {
namespace {

/// Calls `body` with the picture's first sample as a pointer to its own type.
template <typename Body>
decltype(auto) with_samples(const Image& picture, const Body& body) {
    switch (picture.type) {
        case SampleType::u8:
            return body(picture.data<const std::uint8_t>());
        case SampleType::u16:
            return body(picture.data<const std::uint16_t>());
        case SampleType::f32:
            break;
    }
    return body(picture.data<const float>());
}

/// Whether any of `count` samples, `step` apart, satisfies `is_missing`. Without a branch for each,
/// in pieces, so that it is vectorised and ends early.
template <typename T, typename IsMissing>
bool any_of_line(const T* line, std::int64_t count, std::int64_t step,
                 const IsMissing& is_missing) {
    constexpr std::int64_t kPiece = 1024;
    for (std::int64_t first = 0; first < count; first += kPiece) {
        const std::int64_t end = std::min(first + kPiece, count);
        unsigned found = 0;
        if (step == 1) {
            for (std::int64_t i = first; i < end; ++i) found |= is_missing(line[i]) ? 1U : 0U;
        } else {
            for (std::int64_t i = first; i < end; ++i)
                found |= is_missing(line[i * step]) ? 1U : 0U;
        }
        if (found != 0) return true;
    }
    return false;
}

/// Calls `body` with a test for samples of type T; false, and no call, where none can be missing.
template <typename T, typename Body>
bool with_test(const Nodata& nodata, const Body& body) {
    if constexpr (std::is_same_v<T, float>) {
        switch (nodata.kind()) {
            case Nodata::Kind::mark:
                return body([](float x) { return is_missing_mark(x); });
            case Nodata::Kind::any_nan:
                return body([](float x) { return x != x; });
            case Nodata::Kind::number:
                return body([value = nodata.value](float x) { return x == value; });
        }
        return false;
    } else {
        const float value = nodata.value;
        constexpr auto kMost = static_cast<float>(std::numeric_limits<T>::max());
        if (!(value >= 0 && value <= kMost) || value != std::floor(value)) return false;
        return body([sample = static_cast<T>(value)](T x) { return x == sample; });
    }
}

struct Line {
    std::int64_t from, from_step, to, to_step, count;
};

/// One channel of one row: m x and m.
template <typename T, typename Weight>
void count_line(const T* from, T* values, Weight* weights, const Line& line, const Nodata& nodata) {
    const bool possible = with_test<T>(nodata, [&](const auto& is_missing) {
        for (std::int64_t w = 0; w < line.count; ++w) {
            const T x = from[line.from + w * line.from_step];
            const bool missing = is_missing(x);
            values[line.to + w * line.to_step] = missing ? T{0} : x;
            weights[line.to + w * line.to_step] = static_cast<Weight>(missing ? 0 : 1);
        }
        return true;
    });
    if (possible) return;
    for (std::int64_t w = 0; w < line.count; ++w) {
        values[line.to + w * line.to_step] = from[line.from + w * line.from_step];
        weights[line.to + w * line.to_step] = Weight{1};
    }
}

/// Opacity, which weighs as much as it is, or is one more channel that counts.
template <typename T, typename Weight>
void count_opacity(const T* from, T* values, Weight* weights, const Line& line, bool weighs) {
    for (std::int64_t w = 0; w < line.count; ++w) {
        const T x = from[line.from + w * line.from_step];
        values[line.to + w * line.to_step] = x;
        weights[line.to + w * line.to_step] = weighs ? static_cast<Weight>(x) : Weight{1};
    }
}

template <typename T, typename Weight>
void count_rows(const Image& picture, RowRange rows, const CountedChannels& channels,
                const Nodata& nodata, const CountedSamples& counted) {
    const T* from = picture.data<const T>();
    T* values = counted.values.data<T>();
    auto* weights = counted.weights.data<Weight>();
    const Strides& step = picture.strides;
    const Strides& to = counted.values.strides;
    for (std::int64_t h = 0; h < rows.count; ++h) {
        for (std::int64_t c = 0; c < channels.inputs; ++c) {
            const Line line{(rows.first + h) * step.H + c * step.C, step.W, h * to.H + c * to.C,
                            to.W, picture.shape.W};
            if (channels.opacity && c == channels.inputs - 1) {
                count_opacity(from, values, weights, line, channels.weighs);
            } else {
                count_line(from, values, weights, line, nodata);
            }
        }
    }
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
    const Strides& step = picture_.strides;
    const std::int64_t W = picture_.shape.W;
    return with_samples(picture_, [&](const auto* samples) {
        using T = std::remove_cv_t<std::remove_pointer_t<decltype(samples)>>;
        const T* line = samples + row * step.H;
        const bool dense = step.W == channels_ && (channels_ == 1 || step.C == 1);
        return with_test<T>(nodata_, [&](const auto& is_missing) {
            if (dense) return any_of_line(line, W * channels_, 1, is_missing);
            for (std::int64_t c = 0; c < channels_; ++c) {
                if (any_of_line(line + c * step.C, W, step.W, is_missing)) return true;
            }
            return false;
        });
    });
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
    const bool planar = picture.shape.C > 1 && picture.strides.W == 1;
    const auto make = [&](SampleType type) {
        return planar ? Image::planar(type, channels.inputs, rows.count, picture.shape.W)
                      : Image::interleaved(type, channels.inputs, rows.count, picture.shape.W);
    };
    const CountedSamples counted{make(picture.type),
                                 make(channels.weighs ? picture.type : SampleType::u8)};
    with_samples(picture, [&](const auto* samples) {
        using T = std::remove_cv_t<std::remove_pointer_t<decltype(samples)>>;
        if (channels.weighs) {
            count_rows<T, T>(picture, rows, channels, nodata, counted);
        } else {
            count_rows<T, std::uint8_t>(picture, rows, channels, nodata, counted);
        }
    });
    return counted;
}

}  // namespace conv
