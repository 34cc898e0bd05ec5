#pragma once

#include <mutex>
#include <vector>

#include "conv/planner.hpp"

namespace conv {

/// A second opinion on the sums of a convolution: every block is computed again on `reference`,
/// exactly by naive where that is quick, else by gemm, and must agree within the error bounds of
/// both methods (docs/design.md): |a - b| <= 4 (f_a + f_b) eps sqrt(n) (M sum |w_k| + |bias_k|).
class SumVerification {
public:
    /// For results of `tested` on `problem` over `source`.
    SumVerification(const Device& reference, const Choice& tested, const Problem& problem,
                    const Weights& weights, const Source& source);

    /// Checks output rows `rows` of the problem.N pictures of `source` in `results`, a destination
    /// of Plan::run. Throws Error{device} naming the first value that is wrong. Thread-safe.
    void check(const Source& source, RowRange rows, TensorView<float> results) const;

    /// "verify: ..." for people: what was compared and how far apart it was.
    std::string summary() const;

private:
    void compare(RowRange rows, TensorView<float> results, TensorView<float> expected) const;

    Problem problem_;
    std::string tested_, reference_;
    Plan plan_;
    std::vector<double> bounds_;  ///< one a map
    mutable std::mutex mutex_;
    mutable double worst_ = 0;  ///< greatest difference in bounds
};

}  // namespace conv
