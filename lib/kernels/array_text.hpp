#pragma once

#include <string_view>
#include <vector>

#include "kernels/plain_rows.hpp"
#include "kernels/source_text.hpp"

namespace conv {

/// The numbers of an array as programs print it, and its shape: R S, C R S or K C R S.
struct ArrayText {
    TokenRows rows;
    std::vector<std::size_t> shape;
};

/// Whether the lines are an array: "[[0,-1,0],...", "{{0,-1,0},...", "[0 -1 0; ...".
bool is_array_text(const std::vector<std::string_view>& lines);

/// Reads "[[1,2],[3,4]]" (JSON, NumPy, C with braces), up to four levels deep, and "[1 2; 3 4]"
/// (MATLAB, Julia), where a semicolon or a line's end ends a row. A comma may follow the last
/// entry. Throws Error{usage} with its place: brackets that do not match, rows of unequal length,
/// numbers separated in two ways.
ArrayText read_array_text(const SourceText& source, const std::vector<std::string_view>& lines);

}  // namespace conv
