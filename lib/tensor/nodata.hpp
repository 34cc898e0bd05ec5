#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace conv {

/// Stands for a sample that does not count in float pictures on their way through the program: a
/// NaN that no arithmetic makes.
inline const float kMissingSample = std::bit_cast<float>(std::uint32_t{0x7fc0da7a});

inline bool is_missing_mark(float x) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(kMissingSample);
}

/// Which samples do not count, in the units of the page, and what stands in results that nothing
/// counts for.
struct Nodata {
    float value = 0;       ///< as it is, any NaN, or kMissingSample alone
    float result = 0;      ///< equal to `value`, bit for bit: samples keep their own bits
    bool of_file = false;  ///< the file states it, nobody asked

    enum class Kind { number, any_nan, mark };
    Kind kind() const {
        return is_missing_mark(value) ? Kind::mark
               : std::isnan(value)    ? Kind::any_nan
                                      : Kind::number;
    }
    bool matches(float x) const {
        switch (kind()) {
            case Kind::mark:
                return is_missing_mark(x);
            case Kind::any_nan:
                return std::isnan(x);
            case Kind::number:
                break;
        }
        return x == value;
    }
    /// Whether samples that do not count leave as they came.
    bool keeps_samples() const {
        return std::bit_cast<std::uint32_t>(value) == std::bit_cast<std::uint32_t>(result);
    }
};

}  // namespace conv
