#pragma once

#include <vector>

#include "gpu/row_lowering.hpp"

namespace conv::gpu {

/// Parts in which im2col sums a window of `terms` products, each part in a float32 sum of its own
/// that is then added to the results: the fewest that keep the local error, 0 where none do. A sum
/// of k products is off by at most k eps/2 times the sum of their sizes, whatever their order, and
/// each part added rounds once more. So
///   (ceil(terms / parts) + parts) eps/2 <= kLocalError,
/// which reaches 6972 terms, 83 or 84 parts of 83 or 84.
std::int64_t column_parts(std::int64_t terms);

/// The most terms that column_parts divides.
std::int64_t most_column_terms();

/// The products of one group's column matrix, [C/G*R*S][rows * line] in device memory, with the
/// weights of its maps, for `rows` output rows of a strip: each adds to results that start as zero.
std::vector<BatchedProduct> column_products(const StripLayout& input, const ResultLayout& results,
                                            std::int64_t group, std::int64_t rows);

}  // namespace conv::gpu
