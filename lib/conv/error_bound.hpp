#pragma once

#include <vector>

#include "conv/device.hpp"
#include "conv/local_error.hpp"

namespace conv {

/// What every result may be off, by the window it belongs to: with s = sum |w||x| over the window
/// of an output of map k, n = C/G*R*S and eps = 2^-23, a method of error factor f keeps
///   |result - exact| <= min(f * eps * n, kLocalError) * s + eps * |bias_k| + slack.
/// The sums s are computed here, as a convolution of |x| with |w|, to far better than they are
/// needed.
class ErrorBound {
public:
    /// Takes a method of `device` that sums products.
    ErrorBound(const Device& device, const Problem& problem, const Weights& weights);

    /// The plan of s; its sources are those of magnitudes().
    const Plan& plan() const { return plan_; }
    /// A source of |x|.
    static Source magnitudes(const Source& source);

    /// What a result of map k may be off where its s is `sum`.
    double allowed(std::int64_t k, double sum, double factor) const;

private:
    Plan plan_;
    double ulps_, slack_;
    std::vector<double> biases_;
};

}  // namespace conv
