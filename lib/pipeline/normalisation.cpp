#include "pipeline/normalisation.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/analysis.hpp"

namespace conv {
namespace {

// Below this part of the full weight, a result rests on nothing.
constexpr double kLeastPart = 1e-6;

}  // namespace

Normalisation::Normalisation(double sum, double absolute_sum, double full)
    : sum_(sum),
      // A kernel of negative numbers weighs just as well.
      sign_(std::copysign(1.0, sum)),
      least_(kLeastPart * absolute_sum * full),
      bias_(0),
      full_(full),
      zero_sum_(sums_to_zero(sum, absolute_sum)) {}

Normalisation::Normalisation(const Bank& bank, std::size_t map, double full)
    : Normalisation(bank.sums[map], bank.absolute_sums[map], full) {
    if (!bank.bias.empty()) bias_ = static_cast<double>(bank.bias[map]);
}

float Normalisation::opacity(double D) const {
    return static_cast<float>(std::clamp(D / sum_, 0.0, full_));
}

}  // namespace conv
