#pragma once

#include <span>

#include "gemm/sgemm.hpp"

namespace conv {

/// One of several products that read the same lines at different places.
struct ShiftedProduct {
    const float* block;       ///< row-major, `depth` columns
    std::int64_t block_step;  ///< from one row of the block to the next
    std::int64_t depth;       ///< lines that the product reads
    std::int64_t offset;      ///< of the first of them, in floats
};

/// c = sum over the products of
///       block (c.rows x depth) * lines (depth x c.columns),
/// line i of a product at lines + offset + i * line_step.
///
/// Cut into sgemm calls small enough that their part of the lines stays in a first-level cache and
/// that OpenBLAS, where it has kernels for small products, multiplies without packing. The cuts,
/// and so the result's rounding, depend on the sizes alone.
void sum_products(std::span<const ShiftedProduct> products, const float* lines,
                  std::int64_t line_step, MatrixView<float> c);

/// What sum_products does for `count` products of equal depth, for predictions.
struct ProductWork {
    double products;  ///< multiplications, those that fill up register blocks included
    double lines;     ///< floats of the lines, counted for each call
    double results;   ///< floats of c, counted for each call
    double calls;
};
ProductWork sum_products_work(std::int64_t count, std::int64_t rows, std::int64_t columns,
                              std::int64_t depth);

}  // namespace conv
