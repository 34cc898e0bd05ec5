#include "pipeline/normalisation.hpp"

#include <algorithm>
#include <cmath>

namespace conv {
namespace {

// Below this part of the full weight, a result rests on nothing.
constexpr double kLeastPart = 1e-6;

}  // namespace

Normalisation::Normalisation(const Bank& bank, std::size_t map, double full)
    : sum_(bank.sums[map]),
      // A kernel of negative numbers weighs just as well.
      sign_(std::copysign(1.0, sum_)),
      least_(kLeastPart * bank.absolute_sums[map] * full),
      bias_(bank.bias.empty() ? 0 : static_cast<double>(bank.bias[map])),
      full_(full),
      zero_sum_(sums_to_zero(sum_, bank.absolute_sums[map])) {}

float Normalisation::opacity(double D) const {
    return static_cast<float>(std::clamp(D / sum_, 0.0, full_));
}

}  // namespace conv
