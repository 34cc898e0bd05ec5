#pragma once

#include "tensor/sample_type.hpp"

namespace conv {

/// What sums are multiplied by and divided by on their way from samples to results.
struct WholeUnits {
    double up, down;
};

constexpr WholeUnits whole_units(SampleType samples, SampleType results) {
    constexpr double kWordsPerByte = 257;
    const bool up = samples == SampleType::u8 && results == SampleType::u16;
    const bool down = samples == SampleType::u16 && results == SampleType::u8;
    return {up ? kWordsPerByte : 1, down ? kWordsPerByte : 1};
}

/// Added to a float64 of less than 2^51 and taken off again, this rounds it half to even.
inline constexpr double kRoundingShift = 0x1.8p52;

/// A sum of whole numbers over their denominator, in the units of `samples`, as a result for
/// pictures of type `results`. f32: the float64 quotient. u8 and u16: what becomes, once multiplied
/// by 257 from 8 to 16 bits and divided by it back, the whole number that is nearest to the sum so
/// multiplied or divided, ties to even.
///
/// Sums are below 2^53 / 257, so that the float64 quotient is the nearest one. A quotient that is
/// no tie lies 1 / (2 * denominator) or more from one, in units of the last place of float32 for
/// f32, which is more than float64 is off for denominators up to 2^24, else to 2^36; one that is a
/// tie is a float64.
template <SampleType samples, SampleType results>
inline double whole_result(double sum, double denominator) {
    constexpr WholeUnits kUnits = whole_units(samples, results);
    const double quotient = kUnits.up * sum / (kUnits.down * denominator);
    if constexpr (results == SampleType::f32) return quotient;
    return ((quotient + kRoundingShift) - kRoundingShift) * kUnits.down / kUnits.up;
}

}  // namespace conv
