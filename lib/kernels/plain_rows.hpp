#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "kernels/source_text.hpp"

namespace conv {

/// The numbers of a text, still as tokens, and where its rows end.
struct TokenRows {
    std::vector<std::string_view> tokens;
    std::vector<std::size_t> row_ends;  ///< index one past the last token of each row

    std::size_t row_begin(std::size_t row) const { return row == 0 ? 0 : row_ends[row - 1]; }
    std::size_t row_length(std::size_t row) const { return row_ends[row] - row_begin(row); }
};

/// Splits lines into rows and tokens by the rules of parse_plain. Throws Error{usage} with its
/// place where a separator stands without a number, or where separators are mixed.
TokenRows split_rows(const SourceText& source, const std::vector<std::string_view>& lines);

}  // namespace conv
