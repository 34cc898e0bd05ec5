#pragma once

#include <optional>

#include "tensor/image.hpp"
#include "tensor/sample_type.hpp"
#include "tensor/view.hpp"

namespace conv {

/// What a convolution reads: a non-owning N x C x H x W view of stored samples of any type and
/// strides. Samples are converted to float32, in their own units, as rows are read, so that no
/// full-size float copy exists. Thread-safe: reading changes nothing.
struct Source {
    SampleType type = SampleType::f32;
    const void* data = nullptr;
    Shape shape;
    Strides strides;
    /// Alpha weighting: picture N - 1 is opacity a; every other picture x reads as a * x.
    bool alpha_weighted = false;
    /// Reads |x| in place of x, of what alpha weighs too.
    bool magnitudes = false;
    /// Number of picture 0 among all that the border's constants count.
    std::int64_t first_picture = 0;

    Source() = default;
    Source(SampleType sample_type, const void* first, Shape sizes, Strides steps)
        : type(sample_type), data(first), shape(sizes), strides(steps) {}
    explicit Source(TensorView<const float> view)
        : Source(SampleType::f32, view.data, view.shape, view.strides) {}

    /// One sample: the definition of what is read.
    float at(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const;

    /// `count` columns of row h of channel c from column `first` on, all N pictures interleaved:
    /// out[i * N + n] = at(n, c, h, first + i).
    void read_row(std::int64_t c, std::int64_t h, std::int64_t first, std::int64_t count,
                  float* out) const;
    /// The same of a source of bytes without alpha weighting, as they are.
    void read_row(std::int64_t c, std::int64_t h, std::int64_t first, std::int64_t count,
                  std::uint8_t* out) const;
    /// And of words.
    void read_row(std::int64_t c, std::int64_t h, std::int64_t first, std::int64_t count,
                  std::uint16_t* out) const;

    /// Has the processor fetch what read_row would read of the first picture, or of all pictures
    /// where they are interleaved, ahead of need.
    void prefetch_row(std::int64_t c, std::int64_t h, std::int64_t first, std::int64_t count) const;

    /// The samples themselves, where they are float32 as they stand.
    std::optional<TensorView<const float>> floats() const;

    /// The same source from picture `n` on, `count` of them.
    Source batch(std::int64_t n, std::int64_t count) const;
};

}  // namespace conv
