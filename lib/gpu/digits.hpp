#pragma once

#include <string>
#include <vector>

#include "conv/whole_weights.hpp"
#include "gpu/device_strip.hpp"

namespace conv::gpu {

/// A kernel in whole numbers as float32 sums that are exact, so that the device kernels of `direct`
/// compute it. Every weight is cut into digits,
///   weight = sum over d of digit d * base^d,   digits balanced: -base / 2 .. base / 2 - 1,
/// few and small enough that no sum of digit * sample reaches 2^24; digit d of map k is map
/// k * count + d of `problem`.
struct Digits {
    std::string refusal;  ///< why there are none, in words; else empty
    WholeWeights whole;
    Problem problem;            ///< of K * count maps without bias
    std::vector<float> values;  ///< its weights
    std::int64_t count = 1, base = 1;
};

/// The whole numbers of whole_weights() in the fewest digits that are exact. Sums of all digits
/// and the bias must fit 32 bits.
Digits make_digits(const Problem& problem, const Weights& weights);

/// For the device kernels.
Quotient quotient_of(const Digits& digits);

}  // namespace conv::gpu
