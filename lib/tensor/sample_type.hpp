#pragma once

#include <cstddef>
#include <cstdint>

namespace conv {

/// Type of one stored sample: 0..255, 0..65535, or float32 in its own units.
enum class SampleType { u8, u16, f32 };

constexpr std::size_t sample_bytes(SampleType type) {
    return type == SampleType::u8 ? 1 : type == SampleType::u16 ? 2 : 4;
}

/// "u8", "u16" or "f32": the words of `--depth`.
constexpr const char* sample_type_name(SampleType type) {
    return type == SampleType::u8 ? "u8" : type == SampleType::u16 ? "u16" : "f32";
}

/// The value that stands for full white and for opaque: 255, 65535, or 1 for float.
constexpr double sample_maximum(SampleType type) {
    return type == SampleType::u8 ? 255 : type == SampleType::u16 ? 65535 : 1;
}

}  // namespace conv
