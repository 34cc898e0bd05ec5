#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include "base/pages.hpp"
#include "base/size.hpp"

namespace conv {

/// Owning, uninitialised memory for `size()` elements of a trivial type. Moves, never copies.
template <typename T>
class AlignedBuffer {
    static_assert(std::is_trivial_v<T>);

public:
    AlignedBuffer() = default;

    /// Throws Error{memory} that names the size when the memory cannot be had.
    explicit AlignedBuffer(std::int64_t size)
        : data_(static_cast<T*>(allocate_pages(
              checked_product({size, static_cast<std::int64_t>(sizeof(T))}, "a buffer")))),
          size_(size) {}

    T* data() { return data_.get(); }
    const T* data() const { return data_.get(); }
    std::int64_t size() const { return size_; }
    T& operator[](std::int64_t i) { return data_.get()[i]; }
    const T& operator[](std::int64_t i) const { return data_.get()[i]; }

private:
    struct Free {
        void operator()(T* data) const { std::free(data); }
    };
    std::unique_ptr<T[], Free> data_;
    std::int64_t size_ = 0;
};

}  // namespace conv
