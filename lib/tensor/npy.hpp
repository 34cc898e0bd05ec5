#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tensor/sample_type.hpp"

namespace conv {

/// Element types of the `.npy` arrays that can be read.
enum class NpyElement { u8, u16, f32, f64, i16, boolean, f16 };

constexpr std::size_t element_bytes(NpyElement element) {
    constexpr std::size_t kBytes[] = {1, 2, 4, 8, 2, 1, 2};
    return kBytes[static_cast<int>(element)];
}

/// What the header of a `.npy` file says about the values that follow it.
struct NpyHeader {
    NpyElement element = NpyElement::f32;
    bool big_endian = false;         ///< the values must be byte swapped
    std::vector<std::int64_t> dims;  ///< empty for a single number
    std::size_t data_offset = 0;     ///< bytes before the first value

    std::int64_t count() const;
    std::int64_t data_bytes() const;
};

/// An array in C order, in this machine's byte order.
struct NpyArray {
    NpyElement element = NpyElement::f32;
    std::vector<std::int64_t> dims;
    std::shared_ptr<void> data;

    std::int64_t count() const;
    template <typename T>
    const T* values() const {
        return static_cast<const T*>(data.get());
    }
};

/// Reads the header of a `.npy` file (versions 1.0 to 3.0) and checks that all values it promises
/// are there. `bytes` is the whole file, or its beginning where `file_bytes` says how many bytes
/// there are; `name` is what errors call it. Throws Error{input} for what
/// is no such file: pickled objects, types other than those of NpyElement, Fortran order, more
/// than four or empty dimensions, missing bytes. Never evaluates anything in the header.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& name,
                           std::optional<std::int64_t> file_bytes = std::nullopt);

/// Reads the whole array, copying its values. Errors as parse_npy_header.
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& name);

/// Reverses the bytes of each of `count` elements of `bytes_each` bytes, in place.
void swap_element_bytes(void* values, std::int64_t count, std::size_t bytes_each);

/// The values of an array as float32: exact but for float64.
void npy_to_floats(NpyElement element, const void* values, std::int64_t count, float* to);

/// All values of an array in C order, for kernels and biases.
std::vector<double> npy_to_doubles(const NpyArray& array);

constexpr NpyElement npy_element(SampleType type) {
    return type == SampleType::u8    ? NpyElement::u8
           : type == SampleType::u16 ? NpyElement::u16
                                     : NpyElement::f32;
}

/// The version 1.0 header of a little-endian array in C order; its size is a multiple of 64 bytes.
std::string npy_header(NpyElement element, std::span<const std::int64_t> dims);

}  // namespace conv
