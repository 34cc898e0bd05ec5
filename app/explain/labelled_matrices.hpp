#pragma once

#include <string>
#include <utility>
#include <vector>

#include "explain/explanation.hpp"
#include "lowering/lowering.hpp"

namespace conv {

/// A matrix with a title and the names of its rows and columns, ready to be shown.
struct LabelledMatrix {
    std::string title;
    std::vector<std::string> row_names, column_names;
    Matrix values;
    std::vector<bool> blank;  ///< of each value: a zero by construction; empty: none is
};

/// One name for each combination of the indices, the last one running fastest: {{'r', 2}, {'s', 2}}
/// gives "r0 s0", "r0 s1", "r1 s0", "r1 s1" where the separator is a blank.
std::vector<std::string> index_names(const std::vector<std::pair<char, std::int64_t>>& indices,
                                     const char* separator);

/// Which values of a matrix are zeros by construction: those of the same matrix of a kernel of
/// ones.
std::vector<bool> zeros_of(const Matrix& of_ones);

/// The words of --lowering, in order of preference.
const std::vector<std::string>& lowering_names();

/// What a lowering ("im2col", "toeplitz" or "rows") multiplies for one picture and one group, and
/// what comes out, in the order in which they are shown: the factors, their product, then each
/// output map with the bias added. Empty when they are too large to be read.
std::vector<LabelledMatrix> lowering_matrices(const Explanation& explanation,
                                              const std::string& lowering, std::int64_t n,
                                              std::int64_t g);

}  // namespace conv
