#include "tuning/least_squares.hpp"

#include <algorithm>
#include <cstddef>

namespace conv {

std::vector<double> fit_factors(const Coefficients& coefficients, double stiffness, double least) {
    const std::size_t unknowns = coefficients.empty() ? 0 : coefficients.front().size();
    std::vector<double> x(unknowns, 1.0), residuals(coefficients.size(), -1.0);
    for (std::size_t j = 0; j < coefficients.size(); ++j) {
        for (const double a : coefficients[j]) residuals[j] += a;
    }
    // One unknown after the other at its best, which converges: the sum of
    // squares is convex, and the bounds are each of one unknown.
    constexpr int kRounds = 2000;
    for (int round = 0; round < kRounds; ++round) {
        for (std::size_t i = 0; i < unknowns; ++i) {
            double slope = stiffness * (x[i] - 1), curvature = stiffness;
            for (std::size_t j = 0; j < coefficients.size(); ++j) {
                slope += coefficients[j][i] * residuals[j];
                curvature += coefficients[j][i] * coefficients[j][i];
            }
            const double better = std::max(least, x[i] - slope / curvature);
            for (std::size_t j = 0; j < coefficients.size(); ++j) {
                residuals[j] += coefficients[j][i] * (better - x[i]);
            }
            x[i] = better;
        }
    }
    return x;
}

}  // namespace conv
