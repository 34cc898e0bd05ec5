#pragma once

#include <cassert>

#include "tensor/shape.hpp"

namespace conv {

/// Non-owning view of N x C x H x W elements with any strides. Copies are cheap.
template <typename T>
struct TensorView {
    T* data = nullptr;
    Shape shape;
    Strides strides;

    T& operator()(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const {
        assert(n >= 0 && n < shape.N && c >= 0 && c < shape.C);
        assert(h >= 0 && h < shape.H && w >= 0 && w < shape.W);
        return data[n * strides.N + c * strides.C + h * strides.H + w * strides.W];
    }

    /// The same tensor from picture `n` on, `count` of them.
    TensorView batch(std::int64_t n, std::int64_t count) const {
        TensorView part = *this;
        part.data += n * strides.N;
        part.shape.N = count;
        return part;
    }

    /// The same tensor from row `h` on, `count` of them.
    TensorView rows(std::int64_t h, std::int64_t count) const {
        TensorView part = *this;
        part.data += h * strides.H;
        part.shape.H = count;
        return part;
    }
};

}  // namespace conv
