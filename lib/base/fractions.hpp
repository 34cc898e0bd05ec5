#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace conv {

/// Numbers over one denominator: numerators[i] / denominator. A denominator of 0 stands for none.
struct CommonFractions {
    std::vector<std::int32_t> numerators;
    std::int64_t denominator = 0;
};

/// The largest denominator that is looked for.
inline constexpr std::int64_t kMostDenominator = std::int64_t{1} << 24;

/// The fractions that finite doubles stand for: those of the least common denominator, up to
/// kMostDenominator, that are within 8 units in the last place of every number, which is what a few
/// roundings on the way to a double leave of 1/9 or 0.1. Nothing where there are none or a
/// numerator exceeds 31 bits. Continued fractions (Hardy & Wright, An Introduction to the Theory of
/// Numbers, chapter 10).
std::optional<CommonFractions> common_fractions(std::span<const double> numbers);

}  // namespace conv
