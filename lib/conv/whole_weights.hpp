#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conv/method.hpp"

namespace conv {

/// A kernel in whole numbers: results are (sum of values * samples + bias) / denominator.
struct WholeWeights {
    std::string refusal;  ///< why there are none, in words; else empty
    std::vector<std::int32_t> values;
    std::vector<std::int32_t> bias;  ///< K numbers
    std::int64_t denominator = 1;
    /// The numbers are the kernel's own; else they are its weights rounded.
    bool exact = true;
    /// No sum of samples and the bias exceeds this.
    std::int64_t largest_sum = 0;
    bool eight_bits = false;  ///< all values lie in -128..127
    bool fits_bytes = false;  ///< no result leaves 0..255
};

/// Weights of two digits of 8 bits, which one of 16 bits holds as well.
inline constexpr std::int32_t kLeastWeight = -32768, kMostWeight = 32639;

/// With 16-bit samples a map's weights, without their signs, add up to this or less, so that their
/// products with samples less 32768 each add up to 32 bits.
inline constexpr std::int64_t kMostWordWeights = 65535;

/// What a result of rounded weights may be off the kernel's own, in levels of 8 bits.
inline constexpr double kMostDeviation = 0.02;

/// The kernel's own numbers where they are fractions of one denominator with numerators in
/// kLeastWeight..kMostWeight. Else, for 8-bit samples and results, its weights rounded to such
/// fractions: every map keeps its sum, and 255 * sum of |rounded - weight|, which no result is
/// further off, stays below kMostDeviation.
WholeWeights whole_weights(const Problem& problem, const Weights& weights);

}  // namespace conv
