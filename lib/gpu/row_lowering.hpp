#pragma once

#include "gpu/strip.hpp"

namespace conv::gpu {

/// The sizes of the `gemm` lowering on a device: products of small Toeplitz blocks A_s with the
/// lines of a strip as they lie (docs/design.md, section 4).
struct RowLowering {
    std::int64_t rows_together;   ///< T, output rows of one product
    std::int64_t chain;           ///< output rows from one t to the next: dilation_h / g
    std::int64_t line_step;       ///< lines of a row phase from one t to the next: stride_h / g
    std::int64_t depth;           ///< columns of a block: lines of T output rows x channels
    std::int64_t channels, maps;  ///< of one group

    explicit RowLowering(const Problem& p);

    std::int64_t block_floats() const { return rows_together * maps * depth; }
    /// Columns of a block that `rows` <= T output rows use.
    std::int64_t used_depth(const Problem& p, std::int64_t rows) const {
        return ((rows - 1) * line_step + p.R) * channels;
    }
    /// Output rows that full products come out even with.
    std::int64_t unit() const { return rows_together * chain; }
};

/// The blocks of all groups and taps: [group][s][t * maps + k][line * channels + c], where tap s of
/// kernel row r of map k stands at line t * line_step + r.
std::vector<float> toeplitz_blocks(const Problem& p, const RowLowering& lowering,
                                   std::span<const float> weights);

/// One call of a strided batched product, all row-major:
///   C_i[m x n] += A[m x k] * B_i[k x n],   i in [0, batch).
/// Offsets and steps in floats.
struct BatchedProduct {
    std::int64_t m, n, k, batch;
    std::int64_t a, lda;
    std::int64_t b, ldb, b_step;
    std::int64_t c, ldc, c_step;
};

/// The products that compute `rows` output rows of a strip, in order: each adds to results that
/// start as the bias.
std::vector<BatchedProduct> row_products(const StripLayout& input, const ResultLayout& results,
                                         const RowLowering& lowering, std::int64_t rows);

}  // namespace conv::gpu
