#pragma once

#include <cstdint>

#include "tensor/sample_type.hpp"

namespace conv {

/// Sums in whole numbers on their way to results:
///   (low + 256 * high + bias) / denominator, low and high the sums of the two digits.
struct DigitSums {
    const std::int32_t* low;
    const std::int32_t* high;  ///< null: there is one digit
    std::int64_t bias;
    std::int64_t denominator;  ///< up to 2^24 for f32, else to 2^36
};

/// out[i] = result i for i in [0, count). `results` f32: the float32 nearest to it. u8: the whole
/// number nearest to it, ties to even. u16: the number whose product with 257 is the whole number
/// nearest to 257 times it, ties to even.
///
/// Sums are below 2^53, so that the float64 quotient is the nearest one. A quotient that is no tie
/// lies 1 / (2 * denominator) or more from one, in units of the last place of float32 for f32,
/// which is more than float64 is off; one that is a tie is a float64.
void store_results(const DigitSums& sums, SampleType results, std::int64_t count, float* out);

}  // namespace conv
