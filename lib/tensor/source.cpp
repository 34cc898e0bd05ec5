#include "tensor/source.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tensor/convert.hpp"

namespace conv {
namespace {

/// Calls `body` with the samples as a pointer to their own type.
template <typename Body>
decltype(auto) with_samples(const Source& source, const Body& body) {
    switch (source.type) {
        case SampleType::u8:
            return body(static_cast<const std::uint8_t*>(source.data));
        case SampleType::u16:
            return body(static_cast<const std::uint16_t*>(source.data));
        case SampleType::f32:
            break;
    }
    return body(static_cast<const float*>(source.data));
}

template <typename T, typename Out>
void convert_run(const T* from, std::int64_t count, Out* out) {
    if constexpr (std::is_same_v<T, Out>) {
        std::memcpy(out, from, static_cast<std::size_t>(count) * sizeof(T));
    } else {
        load_samples(from, count, out);
    }
}

void make_magnitudes(float* row, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) row[i] = std::abs(row[i]);
}

/// Columns of a row of interleaved pictures, from `row` on.
template <typename T, typename Out>
void read_columns(const Source& source, const T* row, std::int64_t count, Out* out) {
    const std::int64_t N = source.shape.N;
    if ((N == 1 || source.strides.N == 1) && source.strides.W == N) {
        convert_run(row, count * N, out);
        return;
    }
    for (std::int64_t n = 0; n < N; ++n) {
        for (std::int64_t w = 0; w < count; ++w) {
            out[w * N + n] = static_cast<Out>(row[n * source.strides.N + w * source.strides.W]);
        }
    }
}

void weigh_by_alpha(float* row, std::int64_t pixels, std::int64_t lanes) {
    for (std::int64_t w = 0; w < pixels; ++w) {
        float* pixel = row + w * lanes;
        for (std::int64_t n = 0; n + 1 < lanes; ++n) pixel[n] *= pixel[lanes - 1];
    }
}

}  // namespace

float Source::at(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const {
    const std::int64_t offset = c * strides.C + h * strides.H + w * strides.W;
    const float value = with_samples(*this, [&](const auto* samples) {
        const auto sample = static_cast<float>(samples[offset + n * strides.N]);
        if (!alpha_weighted || n == shape.N - 1) return sample;
        return sample * static_cast<float>(samples[offset + (shape.N - 1) * strides.N]);
    });
    return magnitudes ? std::abs(value) : value;
}

void Source::read_row(std::int64_t c, std::int64_t h, std::int64_t first, std::int64_t count,
                      float* out) const {
    const std::int64_t offset = c * strides.C + h * strides.H + first * strides.W;
    with_samples(*this,
                 [&](const auto* samples) { read_columns(*this, samples + offset, count, out); });
    if (alpha_weighted) weigh_by_alpha(out, count, shape.N);
    if (magnitudes) make_magnitudes(out, count * shape.N);
}

void Source::read_row(std::int64_t c, std::int64_t h, std::int64_t first, std::int64_t count,
                      std::uint8_t* out) const {
    const std::int64_t offset = c * strides.C + h * strides.H + first * strides.W;
    read_columns(*this, static_cast<const std::uint8_t*>(data) + offset, count, out);
}

void Source::read_row(std::int64_t c, std::int64_t h, std::int64_t first, std::int64_t count,
                      std::uint16_t* out) const {
    const std::int64_t offset = c * strides.C + h * strides.H + first * strides.W;
    read_columns(*this, static_cast<const std::uint16_t*>(data) + offset, count, out);
}

void Source::prefetch_row(std::int64_t c, std::int64_t h, std::int64_t first,
                          std::int64_t count) const {
    constexpr std::int64_t kLine = 64;
    const auto size = static_cast<std::int64_t>(sample_bytes(type));
    const auto* row = static_cast<const std::byte*>(data) +
                      (c * strides.C + h * strides.H + first * strides.W) * size;
    for (std::int64_t i = 0; i < count * strides.W * size; i += kLine) {
        __builtin_prefetch(row + i);
    }
}

std::optional<TensorView<const float>> Source::floats() const {
    if (type != SampleType::f32 || alpha_weighted || magnitudes) return std::nullopt;
    return TensorView<const float>{static_cast<const float*>(data), shape, strides};
}

Source Source::batch(std::int64_t n, std::int64_t count) const {
    Source part = *this;
    part.data = static_cast<const std::byte*>(data) +
                n * strides.N * static_cast<std::int64_t>(sample_bytes(type));
    part.shape.N = count;
    part.first_picture += n;
    return part;
}

}  // namespace conv
