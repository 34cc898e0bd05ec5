#include "gemm/shifted_products.hpp"

#include <algorithm>

#include "base/size.hpp"
#include "gemm/openblas.hpp"

namespace conv {
namespace {

// OpenBLAS's AVX-512 cores pack nothing for products of up to 100^3 multiplications; with 64 x 512
// by 31 that is 121 against 93 GMAC/s.
constexpr std::int64_t kSmallProduct = 1'000'000;
// The lines of one call: two thirds of a 48 KiB first-level cache.
constexpr std::int64_t kLinesFloats = 8192;
// Fewer columns leave the multiply-add units waiting for the weights, more gain nothing.
constexpr std::int64_t kLeastColumns = 64, kMostColumns = 512;
constexpr std::int64_t kMostDepth = 96;
// Sizes of parts are multiples of OpenBLAS's register blocks.
constexpr std::int64_t kColumnUnit = 16, kRowUnit = 8;

/// Parts of at most `most` out of `size`, as equal as multiples of `unit` allow.
std::int64_t equal_part(std::int64_t size, std::int64_t most, std::int64_t unit) {
    return round_up(ceil_div(size, ceil_div(size, std::max(most, unit))), unit);
}

/// How one product is cut.
struct Parts {
    std::int64_t rows, columns, depth;

    Parts(std::int64_t c_rows, std::int64_t c_columns, std::int64_t product_depth) {
        depth = equal_part(product_depth, kMostDepth, 1);
        const std::int64_t fitting = kLinesFloats / depth / kColumnUnit * kColumnUnit;
        columns = std::min(c_columns, std::clamp(fitting, kLeastColumns, kMostColumns));
        const std::int64_t most = kSmallProduct / (columns * depth) / kRowUnit * kRowUnit;
        rows = std::min(c_rows, equal_part(c_rows, most, kRowUnit));
    }
};

/// Lines that are read, `step` floats apart.
struct Lines {
    const float* first;
    std::int64_t step;
};

/// c = or += a product, `part` of its depth at a time.
void add_product(const ShiftedProduct& product, const Lines& lines, std::int64_t part,
                 MatrixView<float> c, bool replaces) {
    for (std::int64_t k = 0; k < product.depth; k += part) {
        const std::int64_t depth = std::min(part, product.depth - k);
        sgemm({product.block + k, c.rows, depth, product.block_step, 1},
              {lines.first + product.offset + k * lines.step, depth, c.columns, lines.step, 1},
              replaces && k == 0 ? 0.0F : 1.0F, c);
    }
}

// Fewer rows than a register block has cost as much as a whole one.
constexpr double kRegisterRows = 4;

}  // namespace

void sum_products(std::span<const ShiftedProduct> products, const float* lines,
                  std::int64_t line_step, MatrixView<float> c) {
    std::int64_t deepest = 0;
    for (const ShiftedProduct& product : products) deepest = std::max(deepest, product.depth);
    const Parts parts(c.rows, c.columns, deepest);
    for (std::int64_t x = 0; x < c.columns; x += parts.columns) {
        for (std::int64_t y = 0; y < c.rows; y += parts.rows) {
            const MatrixView<float> part{c.data + y * c.row_stride + x,
                                         std::min(parts.rows, c.rows - y),
                                         std::min(parts.columns, c.columns - x), c.row_stride, 1};
            bool first = true;
            for (ShiftedProduct product : products) {
                product.block += y * product.block_step;
                add_product(product, {lines + x, line_step}, parts.depth, part, first);
                first = false;
            }
        }
    }
}

ProductWork sum_products_work(std::int64_t count, std::int64_t rows, std::int64_t columns,
                              std::int64_t depth) {
    const Parts parts(rows, columns, depth);
    const auto m = static_cast<double>(rows), n = static_cast<double>(columns);
    const auto k = static_cast<double>(depth);
    const auto row_parts = static_cast<double>(ceil_div(rows, parts.rows));
    const auto depth_parts = static_cast<double>(ceil_div(depth, parts.depth));
    const auto column_parts = static_cast<double>(ceil_div(columns, parts.columns));
    // Columns that fill no register block cost about three times as much as the others.
    const double block = std::max(m, kRegisterRows);
    const double odd = static_cast<double>(columns % kColumnUnit);
    const auto each = static_cast<double>(count);
    return {each * block * (n + 2 * odd) * k, each * n * k * row_parts, each * m * n * depth_parts,
            each * column_parts * row_parts * depth_parts};
}

}  // namespace conv
