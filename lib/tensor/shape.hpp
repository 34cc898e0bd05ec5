#pragma once

#include <cstdint>

namespace conv {

/// Sizes of a tensor: N pictures of C channels of H x W samples.
struct Shape {
    std::int64_t N = 1, C = 1, H = 1, W = 1;
    bool operator==(const Shape&) const = default;
};

/// Distance in elements between neighbours along each dimension.
struct Strides {
    std::int64_t N = 0, C = 0, H = 0, W = 0;
    bool operator==(const Strides&) const = default;
};

/// Planar order, the N C H W of `.npy` files and frameworks: one channel after the other.
constexpr Strides planar_strides(const Shape& s) {
    return {s.C * s.H * s.W, s.H * s.W, s.W, 1};
}

/// Pixel-interleaved order, H W C, that of decoded pictures.
constexpr Strides interleaved_strides(const Shape& s) {
    return {s.C * s.H * s.W, 1, s.C * s.W, s.C};
}

/// True when the pictures of a batch are interleaved sample by sample (or there is just one whose
/// rows are contiguous).
constexpr bool interleaved_batch(const Shape& shape, const Strides& strides) {
    return strides.W == shape.N && (shape.N == 1 || strides.N == 1);
}

}  // namespace conv
