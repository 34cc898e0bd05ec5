#pragma once

#include <cstdint>
#include <vector>

#include "kernels/kernel.hpp"

namespace conv {

/// What the weights of a kernel (value * scale) are like.
struct KernelProperties {
    double sum = 0;           ///< of all weights
    double absolute_sum = 0;  ///< of their absolute values
    double minimum = 0, maximum = 0;
    bool zero_sum = false;  ///< sums_to_zero
    /// Numerical rank of the R x S matrix: singular values above 1e-6 of the largest, enough for
    /// single precision; min(R, S) where it exceeds what decompose() looks for. The largest over
    /// the planes of a C x R x S kernel or bank; 0 for all zeros.
    int rank = 0;
    bool separable = false;  ///< rank <= 1: a column times a row
    bool point_symmetric =
        false;              ///< equal to itself turned by 180 degrees: correlation = convolution
    bool integers = false;  ///< all values, before the scale, are whole numbers
};

/// Whether weights with these sums count as summing to zero: |sum| <= 1e-6 * absolute_sum.
bool sums_to_zero(double sum, double absolute_sum);

KernelProperties analyse_kernel(const Kernel& kernel);

/// A matrix as a sum of column times row: matrix = sum over i of columns[i] * rows[i]^T, i over
/// its singular values in falling order; sqrt(singular value) is in each factor.
struct Decomposition {
    std::vector<double> singular_values;
    std::vector<std::vector<double>> columns;  ///< R numbers each
    std::vector<std::vector<double>> rows;     ///< S numbers each
    double rest = 0;  ///< Frobenius norm of what the terms leave: 0, or that of a high rank
};

/// Singular value decomposition of a row-major R x S matrix: Gram-Schmidt orthogonalisation with
/// column pivoting down to 1e-13 of the largest column, then one-sided Jacobi rotations (Hestenes
/// 1958; Golub & Van Loan, Matrix Computations, 5.4 and 8.6.3). Singular values below 1e-13 of the
/// largest are left out. Stops at 128 terms, fewer (down to 16) above 2^21 cells: a kernel of such
/// rank gains nothing from being taken apart. Cost about 4 * R * S * terms operations.
Decomposition decompose(const std::vector<double>& matrix, std::int64_t R, std::int64_t S);

/// How many of the singular values exceed `tolerance` times the largest.
int numerical_rank(const std::vector<double>& singular_values, double tolerance = 1e-6);

}  // namespace conv
