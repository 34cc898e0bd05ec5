#pragma once

#include <cstdint>

#include "pipeline/bank.hpp"

namespace conv {

/// Division of the sums of one map by what weighed in them. With W the sum that would be if every
/// sample weighed `full`, D the sum of the weights that there were and s = sum(w):
///   result = sum * s / D + bias   where sign(s) D > 1e-6 * sum|w| * full.
class Normalisation {
public:
    /// `full` is the weight of one sample that counts wholly: full opacity, or 1.
    Normalisation(const Bank& bank, std::size_t map, double full);
    /// Of a part of a kernel that has this sum and absolute sum, without bias.
    Normalisation(double sum, double absolute_sum, double full);

    /// Whether D is enough to divide by. NaN is: it must reach the results too.
    bool enough(double D) const { return !(sign_ * D <= least_); }
    float divided(double sum, double D) const { return static_cast<float>(sum * sum_ / D + bias_); }
    /// Opacity that goes with D.
    float opacity(double D) const;
    /// What stands for the quotient where s = 0 is sum(w m (x - x0)) + bias, x0 the centre sample,
    /// so that the edge of what is missing is no step.
    bool zero_sum() const { return zero_sum_; }
    /// Of a kernel of zeros.
    bool empty() const { return least_ == 0; }
    float bias() const { return static_cast<float>(bias_); }

    /// The same numbers for many outputs at once.
    struct Floats {
        float sum, sign, least, bias;
    };
    Floats floats() const {
        return {static_cast<float>(sum_), static_cast<float>(sign_), static_cast<float>(least_),
                bias()};
    }

private:
    double sum_, sign_, least_, bias_, full_;
    bool zero_sum_;
};

}  // namespace conv
