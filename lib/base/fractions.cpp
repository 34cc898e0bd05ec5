#include "base/fractions.hpp"

#include <cmath>
#include <limits>

namespace conv {
namespace {

constexpr double kTolerance = 0x1p-50;

bool near(double x, double wanted) {
    return std::abs(x - wanted) <= kTolerance * std::abs(x);
}

/// The least denominator, up to `most`, of a fraction that x stands for; 0: there is none.
std::int64_t denominator_of(double x, std::int64_t most) {
    double rest = std::abs(x), above = 1, above_before = 0, below = 0, below_before = 1;
    for (;;) {
        const double whole = std::floor(rest);
        const double next_above = whole * above + above_before;
        const double next_below = whole * below + below_before;
        if (next_below > static_cast<double>(most)) return 0;
        if (near(std::abs(x), next_above / next_below)) {
            return static_cast<std::int64_t>(next_below);
        }
        if (rest == whole) return 0;
        above_before = above, above = next_above;
        below_before = below, below = next_below;
        rest = 1 / (rest - whole);
    }
}

}  // namespace

std::optional<CommonFractions> common_fractions(std::span<const double> numbers) {
    constexpr double kMost = std::numeric_limits<std::int32_t>::max();
    CommonFractions fractions;
    fractions.denominator = 1;
    for (const double number : numbers) {
        const double scaled = number * static_cast<double>(fractions.denominator);
        if (!(std::abs(scaled) <= kMost)) return std::nullopt;
        const std::int64_t factor =
            denominator_of(scaled, kMostDenominator / fractions.denominator);
        if (factor == 0) return std::nullopt;
        fractions.denominator *= factor;
    }
    fractions.numerators.reserve(numbers.size());
    for (const double number : numbers) {
        const double scaled = number * static_cast<double>(fractions.denominator);
        const double numerator = std::nearbyint(scaled);
        if (std::abs(numerator) > kMost || !near(scaled, numerator)) return std::nullopt;
        fractions.numerators.push_back(static_cast<std::int32_t>(numerator));
    }
    return fractions;
}

}  // namespace conv
