#pragma once

#include <cstdint>

namespace conv {

/// The most floats that a vector of any instruction set in use holds: AVX-512's. Loops over lines
/// may read, and ignore, up to this many floats beyond the last one that counts.
inline constexpr std::int64_t kLanes = 16;

/// Output rows, or maps, whose sums a register block holds at once where it can.
inline constexpr std::int64_t kRowsTogether = 6;

/// Floats of a vector of this processor's best instruction set, for predictions.
std::int64_t vector_lanes();

}  // namespace conv
