#pragma once

#include <mutex>
#include <vector>

#include "conv/error_bound.hpp"
#include "conv/planner.hpp"

namespace conv {

/// A second opinion on the sums of a convolution: every block is computed again on `reference`,
/// exactly by naive where that is quick, else by gemm, and every output must agree within what both
/// methods may be off by its own window (conv/error_bound.hpp).
class SumVerification {
public:
    /// For results of `tested` on `problem`.
    SumVerification(const Device& reference, const Choice& tested, const Problem& problem,
                    const Weights& weights);

    /// Checks output rows `rows` of the problem.N pictures of `source` in `results`, a destination
    /// of Plan::run. Throws Error{device} naming the first value that is wrong. Thread-safe.
    void check(const Source& source, RowRange rows, TensorView<float> results) const;

    /// Throws Error{device} where the outputs that have been checked are too far off in the mean
    /// (kMeanError), though each is within its bound.
    void finish() const;

    /// "verify: ..." for people: what was compared and how far apart it was.
    std::string summary() const;

private:
    /// The results of a part of the rows, what they should be, and their sums |w||x|.
    struct Part {
        RowRange rows;
        TensorView<float> results, expected, sizes;
    };
    /// What the outputs of a part are off.
    struct Errors {
        double worst = 0;  ///< greatest difference in bounds
        double sum = 0;    ///< of differences over their sums |w||x|, beyond the slack of the depth
        std::int64_t count = 0;

        void add(const Errors& other);
    };
    double allowed(std::int64_t k, float size) const;
    double mean() const;
    Errors error_of(float got, float wanted, float size, double apart) const;
    void compare(const Part& part) const;

    Problem problem_;
    std::string tested_, reference_;
    Plan plan_;
    ErrorBound bound_;
    double tested_factor_, reference_factor_;
    mutable std::mutex mutex_;
    mutable Errors errors_;
};

}  // namespace conv
