#include "gpu/column_lowering.hpp"

#include <algorithm>

#include "base/size.hpp"
#include "conv/local_error.hpp"

namespace conv::gpu {
namespace {

// Roundings of eps/2 = 2^-24 that the local error has room for.
constexpr auto kMostRoundings = static_cast<std::int64_t>(kLocalError * (1 << 24));
// A part costs a pass over the results, so few parts of many terms.
constexpr std::int64_t kMostParts = kMostRoundings / 2;

}  // namespace

std::int64_t column_parts(std::int64_t terms) {
    for (std::int64_t parts = 1; parts <= kMostParts; ++parts) {
        if (ceil_div(terms, parts) + parts <= kMostRoundings) return parts;
    }
    return 0;
}

std::int64_t most_column_terms() {
    return kMostParts * (kMostRoundings - kMostParts);
}

std::vector<BatchedProduct> column_products(const StripLayout& input, const ResultLayout& results,
                                            std::int64_t group, std::int64_t rows) {
    const std::int64_t terms = input.channels * input.problem.R * input.problem.S;
    const std::int64_t each = ceil_div(terms, column_parts(terms));
    // All maps of the group at once; rows of results touch, so the strip is one product.
    const std::int64_t n = rows * results.line;
    std::vector<BatchedProduct> products;
    for (std::int64_t first = 0; first < terms; first += each) {
        products.push_back({.m = results.maps,
                            .n = n,
                            .k = std::min(each, terms - first),
                            .batch = 1,
                            .a = group * results.maps * terms + first,
                            .lda = terms,
                            .b = first * n,
                            .ldb = n,
                            .b_step = 0,
                            .c = group * results.group_step,
                            .ldc = results.map_step,
                            .c_step = 0});
    }
    return products;
}

}  // namespace conv::gpu
