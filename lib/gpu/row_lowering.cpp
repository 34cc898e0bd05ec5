#include "gpu/row_lowering.hpp"

#include <algorithm>

#include "base/size.hpp"

namespace conv::gpu {
namespace {

// Rows of a product below which a device's matrix units idle; more rows only add zeros.
constexpr std::int64_t kWantedProductRows = 16;

/// Some blocks of `together` rows of a chain, from row `first` of it on.
struct ChainBlocks {
    std::int64_t start;  ///< the chain's first row
    std::int64_t first, together, count;
};

/// The products of a strip, as they are found.
struct StripProducts {
    const StripLayout& input;
    const ResultLayout& results;
    const RowLowering& l;
    std::vector<BatchedProduct> products = {};

    /// Those of all taps for some blocks of a group.
    void add_taps(std::int64_t group, const ChainBlocks& blocks);
};

void StripProducts::add_taps(std::int64_t group, const ChainBlocks& blocks) {
    const Problem& p = input.problem;
    const std::int64_t together = blocks.together;
    const std::int64_t row = blocks.start + blocks.first * l.chain_step;
    for (std::int64_t s = 0; s < p.S; ++s) {
        products.push_back({.m = together * l.maps,
                            .n = p.Q() * p.N,
                            .k = l.depth(p, together),
                            .batch = blocks.count,
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
    StripProducts found{input, results, l};
    // No zero of a block may meet NaN or Inf.
    const std::int64_t together = strip.finite ? l.rows_together : 1;
    for (std::int64_t group = 0; group < input.problem.groups; ++group) {
        for (std::int64_t start = 0; start < std::min(l.chain_step, strip.count); ++start) {
            const std::int64_t length = ceil_div(strip.count - start, l.chain_step);
            const std::int64_t full = length / together * together;
            if (full > 0) found.add_taps(group, {start, 0, together, full / together});
            if (full < length) found.add_taps(group, {start, full, length - full, 1});
        }
    }
    return std::move(found.products);
}

}  // namespace conv::gpu
