#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace conv {

/// A window as a sum of products of a column and a row:
///   kernel[r][s] = sum over i of columns[i][r] * rows[i][s]
struct LowRank {
    std::vector<std::vector<float>> columns;  ///< each R long, sum of |x| at most 1
    std::vector<std::vector<float>> rows;     ///< each S long
    /// Sum over i of |columns[i]| * |rows[i]|, sums of absolute values: what two passes add up, in
    /// place of the sum of |kernel|. Equal to it for rank 1, larger where terms cancel.
    double magnitude = 0;

    std::int64_t rank() const { return static_cast<std::int64_t>(columns.size()); }
};

/// How far the sum may be off, in units of the sum of |kernel|: sum over r, s of the differences.
/// Two float32 roundings are in it, that of the kernel as written and that of its factors.
inline constexpr double kLowRankTolerance = 2.0 / (1 << 23);

/// The shortest such sum, of at most `most` and at least one terms, that reproduces an R x S kernel
/// within kLowRankTolerance; nothing when there is none. Small integer kernels of rank 1 give
/// factors whose products are exact. Pivoted elimination finds the space (and gives up after `most`
/// steps), one-sided Jacobi rotations in it find the singular terms; in double precision.
/// (Hestenes 1958; Golub & Van Loan, Matrix Computations, 8.6.3)
std::optional<LowRank> factor_kernel(const float* kernel, std::int64_t R, std::int64_t S,
                                     std::int64_t most);

}  // namespace conv
