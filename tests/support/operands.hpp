#pragma once

#include <vector>

#include "conv/method.hpp"

namespace conv::test {

/// Uniform in [-1, 1), the same for the same seed.
std::vector<float> random_values(std::int64_t count, unsigned seed);

/// The operands of one run, owned.
struct Operands {
    std::vector<float> src, weights, bias;

    explicit Operands(const Problem& p);
    Weights view() const { return {weights, bias}; }
};

/// Operands whose kernels are sums of `rank` products of a column and a row, rounded to float.
Operands low_rank_operands(const Problem& p, std::int64_t rank);

}  // namespace conv::test
