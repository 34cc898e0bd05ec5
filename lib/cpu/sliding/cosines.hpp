#pragma once

#include <optional>
#include <span>
#include <vector>

namespace conv {

/// A symmetric line of S taps as a few cosines about its middle, c = (S-1)/2:
///   taps[s] ~ sum over j of amplitudes[j] * cos(frequencies[j] * (s - c)),   frequencies[0] = 0.
/// Both sides have the same sum, so that flat areas stay flat. A box is its first term alone.
/// (Sugimoto & Kamata, "Efficient Constant-time Gaussian Filtering with Sliding DCT/DST-5 and
/// Dual-domain Error Minimization", 2015, for taps of a Gaussian.)
struct CosineSum {
    std::vector<double> amplitudes, frequencies;
    double deviation = 0;  ///< sum of |taps - cosines| over sum of |taps|
};

/// The most terms that are tried.
inline constexpr int kMostCosines = 8;

/// The shortest such sum whose deviation is at most `tolerance`; nothing where the taps are not
/// symmetric, sum to zero, or need more than kMostCosines terms.
std::optional<CosineSum> sum_of_cosines(std::span<const double> taps, double tolerance);

}  // namespace conv
