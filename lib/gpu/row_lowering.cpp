#include "gpu/row_lowering.hpp"

#include <algorithm>

#include "base/size.hpp"

namespace conv::gpu {
namespace {

// Rows of a product below which a device's matrix units idle; more rows only add zeros.
constexpr std::int64_t kWantedProductRows = 16;

/// The products of all taps for `batch` blocks of `together` rows, from row `first` of a chain.
void add_taps(const StripLayout& input, const ResultLayout& results, const RowLowering& l,
              std::int64_t group, std::int64_t start, std::int64_t first, std::int64_t together,
              std::int64_t batch, std::vector<BatchedProduct>& products) {
    const Problem& p = input.problem;
    const std::int64_t row = start + first * l.chain_step;
    for (std::int64_t s = 0; s < p.S; ++s) {
        products.push_back({.m = together * l.maps,
                            .n = p.Q() * p.N,
                            .k = l.depth(p, together),
                            .batch = batch,
                            .a = (group * p.S + s) * l.block_floats(p),
                            .lda = l.depth(p),
                            .b = group * input.group() + input.row_start(row) + input.tap(s),
                            .ldb = input.line,
                            .b_step = together * l.line_step * l.channels * input.line,
                            .c = results.offset(group * l.maps, row),
                            .ldc = results.line,
                            .c_step = together * results.row_step});
    }
}

}  // namespace

RowLowering::RowLowering(const Problem& p) : ToeplitzRows(p) {
    rows_together = std::max<std::int64_t>(kWantedProductRows / maps, 1);
    rows_together = std::min(rows_together, ceil_div(p.P(), chain_step));
}

std::vector<BatchedProduct> row_products(const StripLayout& input, const ResultLayout& results,
                                         const RowLowering& l, const StripRows& strip) {
    std::vector<BatchedProduct> products;
    // No zero of a block may meet NaN or Inf.
    const std::int64_t together = strip.finite ? l.rows_together : 1;
    for (std::int64_t group = 0; group < input.problem.groups; ++group) {
        for (std::int64_t start = 0; start < std::min(l.chain_step, strip.count); ++start) {
            const std::int64_t length = ceil_div(strip.count - start, l.chain_step);
            const std::int64_t full = length / together * together;
            if (full > 0) {
                add_taps(input, results, l, group, start, 0, together, full / together, products);
            }
            if (full < length) {
                add_taps(input, results, l, group, start, full, length - full, 1, products);
            }
        }
    }
    return products;
}

}  // namespace conv::gpu
