#pragma once

#include <cstdint>

namespace conv {

/// Samples that a store could not represent.
struct Lost {
    std::int64_t below = 0;  ///< rounded to less than 0, or NaN
    std::int64_t above = 0;  ///< rounded to more than the type holds

    Lost& operator+=(const Lost& other) {
        below += other.below;
        above += other.above;
        return *this;
    }
    bool operator==(const Lost&) const = default;
};

/// to[i] = from[i], exactly: both types fit float32. The arrays must not overlap.
void load_samples(const std::uint8_t* from, std::int64_t count, float* to);
void load_samples(const std::uint16_t* from, std::int64_t count, float* to);

/// to[i] = from[i] rounded half to even and saturated to the type; NaN becomes 0. The arrays must
/// not overlap. Returns how many were lost, judged after rounding: -0.5 rounds to 0 and is not.
Lost store_samples(const float* from, std::int64_t count, std::uint8_t* to);
Lost store_samples(const float* from, std::int64_t count, std::uint16_t* to);

}  // namespace conv
