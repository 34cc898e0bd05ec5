#pragma once

#include "conv/toeplitz_rows.hpp"
#include "gpu/strip.hpp"

namespace conv::gpu {

/// The sizes of the `gemm` lowering on a device: products of small Toeplitz blocks with the lines
/// of a strip as they lie (docs/design.md).
struct RowLowering : ToeplitzRows {
    explicit RowLowering(const Problem& p);

    /// Output rows that full products come out even with.
    std::int64_t unit() const { return rows_together * chain_step; }
};

/// One call of a strided batched product, all row-major:
///   C_i[m x n] += A[m x k] * B_i[k x n],   i in [0, batch).
/// Offsets and steps in floats.
struct BatchedProduct {
    std::int64_t m, n, k, batch;
    std::int64_t a, lda;
    std::int64_t b, ldb, b_step;
    std::int64_t c, ldc, c_step;
};

/// The products that compute the output rows of a strip, in order: each adds to results that start
/// as zero.
std::vector<BatchedProduct> row_products(const StripLayout& input, const ResultLayout& results,
                                         const RowLowering& lowering, const StripRows& strip);

}  // namespace conv::gpu
