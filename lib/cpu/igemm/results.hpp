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
    SampleType samples;        ///< of the picture: u8 or u16
};

/// out[i] = result i for i in [0, count), as whole_result makes it.
void store_results(const DigitSums& sums, SampleType results, std::int64_t count, float* out);

}  // namespace conv
