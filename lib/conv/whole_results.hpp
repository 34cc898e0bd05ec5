#pragma once

#include "tensor/sample_type.hpp"

namespace conv {

/// A sum of whole numbers over their denominator as a result for pictures of type `results`. f32:
/// the float64 quotient. u8: the whole number nearest to it, ties to even. u16: the number whose
/// product with 257 is the whole number nearest to 257 times it, ties to even.
///
/// Sums are below 2^53, so that the float64 quotient is the nearest one. A quotient that is no tie
/// lies 1 / (2 * denominator) or more from one, in units of the last place of float32 for f32,
/// which is more than float64 is off for denominators up to 2^24, else to 2^36; one that is a tie
/// is a float64.
template <SampleType results>
inline double whole_result(double sum, double denominator) {
    constexpr double kWordsPerByte = 257;
    // Half to even, for magnitudes below 2^51.
    const auto rounded = [](double x) {
        constexpr double kShift = 0x1.8p52;
        return (x + kShift) - kShift;
    };
    if constexpr (results == SampleType::u8) return rounded(sum / denominator);
    if constexpr (results == SampleType::u16) {
        return rounded(kWordsPerByte * sum / denominator) / kWordsPerByte;
    }
    return sum / denominator;
}

}  // namespace conv
