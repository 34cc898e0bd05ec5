#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "conv/method.hpp"
#include "conv/problem.hpp"
#include "tensor/source.hpp"

namespace conv {

// The matrices that turn a convolution into a product, built by the definition and without regard
// to speed, to be looked at and to check others by. Each function works on one picture n and one
// group g of a valid problem; within the group c counts its C/G channels and k its K/G kernels. All
// throw Error{memory} when a matrix cannot be held.

/// A dense row-major matrix that owns its values.
struct Matrix {
    std::int64_t rows = 0, columns = 0;
    std::vector<double> values;

    Matrix() = default;
    /// All zeros.
    Matrix(std::int64_t row_count, std::int64_t column_count);

    double& operator()(std::int64_t i, std::int64_t j) {
        return values[static_cast<std::size_t>(i * columns + j)];
    }
    double operator()(std::int64_t i, std::int64_t j) const {
        return values[static_cast<std::size_t>(i * columns + j)];
    }
};

/// a * b for an m x k and a k x n matrix.
Matrix product(const Matrix& a, const Matrix& b);

/// The same values in rows of another length; `rows * columns` must not change.
Matrix reshaped(Matrix matrix, std::int64_t rows, std::int64_t columns);

/// One row per kernel, K/G x (C/G*R*S):  weights[k, (c*R + r)*S + s].
Matrix weight_matrix(const Problem& problem, std::span<const float> weights, std::int64_t g);

/// The column matrix, (C/G*R*S) x (P*Q): column p*Q + q is the window of output (p,q), its row
/// (c*R + r)*S + s the sample under weight (c,r,s), border included. weight_matrix * column_matrix
/// is the result, K/G x (P*Q), before the bias.
Matrix column_matrix(const Problem& problem, const Source& src, std::int64_t n, std::int64_t g);

/// The kernels as one matrix for the untouched picture, result = matrix * picture + constant.
struct ToeplitzLowering {
    /// (K/G*P*Q) x (C/G*H*W), doubly-blocked Toeplitz inside the picture:
    /// row (k*P + p)*Q + q holds weights[k,c,r,s] in column (c*H + h)*W + w of the sample that the
    /// window reads; where the border rule reads a sample twice its weights add up.
    Matrix matrix;
    /// (K/G*P*Q) x 1: what the constant border adds; zeros under every other border.
    Matrix constant;
};
/// What is lowered: group g of picture n, and the weights of all groups.
struct LoweredPart {
    const Source& src;
    std::span<const float> weights;
    std::int64_t n, g;
};
ToeplitzLowering toeplitz_lowering(const Problem& problem, const LoweredPart& part);

/// The picture as the vector that the Toeplitz matrix multiplies, (C/G*H*W) x 1.
Matrix picture_vector(const Problem& problem, const Source& src, std::int64_t n, std::int64_t g);

/// Row lowering, the form of the `gemm` method: T output rows at once as a sum of S products,
///   block ((T*K/G) x Q) = sum over s of taps[s] * tap_lines(s).
struct RowLowering {
    RowRange rows;  ///< the output rows of this block, T of them
    /// A_s for each tap s, (T*K/G) x (L*C/G) with L = (T-1)*stride_h + (R-1)*dilation_h + 1:
    /// A_s[t*K/G + k, (t*stride_h + r*dilation_h)*C/G + c] = weights[k,c,r,s], else 0.
    std::vector<Matrix> taps;
    /// The L padded rows that the block touches, one line for each (row, channel):
    /// (L*C/G) x padded_width.
    Matrix lines;
};
RowLowering row_lowering(const Problem& problem, const LoweredPart& part, RowRange rows);

/// The same lines as tap s reads them, (L*C/G) x Q: every stride_w-th column from s*dilation_w on.
Matrix tap_lines(const Problem& problem, const RowLowering& lowering, std::int64_t s);

}  // namespace conv
