#pragma once

#include <cstddef>
#include <type_traits>

#include "tensor/sample_type.hpp"
#include "tensor/samples.hpp"
#include "tensor/shape.hpp"

namespace conv {

/// One picture (or one page of a file, or one C x H x W slice of an array): C channels of H x W
/// samples in any order that strides can say; `shape.N` is 1. Channels are R, G, B, A or grey, A,
/// whatever order a codec prefers. Copies share the samples.
struct Image {
    SampleType type = SampleType::u8;
    Shape shape;
    Strides strides;
    bool has_alpha = false;  ///< the last channel is opacity, 0 .. sample_maximum(type)
    Samples samples;         ///< from row 0, column 0, channel 0 on

    /// The first sample; data<const T>() of any, data<T>() of owned samples alone.
    template <typename T>
    T* data() const {
        if constexpr (std::is_const_v<T>) {
            return static_cast<T*>(samples.get());
        } else {
            return static_cast<T*>(samples.writable());
        }
    }

    /// A caller's pixel-interleaved rows, `row_step` samples apart (0: without gaps), which are
    /// read where they lie, never written to, and must stay there while the image is used.
    static Image borrowed(SampleType type, const void* samples, const Shape& shape,
                          std::int64_t row_step = 0);

    /// Uninitialised pixel-interleaved picture. Throws Error{memory}.
    static Image interleaved(SampleType type, std::int64_t channels, std::int64_t height,
                             std::int64_t width, bool has_alpha = false);
    /// Uninitialised planar array. Throws Error{memory}.
    static Image planar(SampleType type, std::int64_t channels, std::int64_t height,
                        std::int64_t width);
};

/// Bytes of a picture's samples, shape.N not counted. Throws Error{usage} where 64 bits overflow.
std::int64_t picture_bytes(SampleType type, const Shape& shape);

}  // namespace conv
