#pragma once

#include <string_view>
#include <vector>

#include "kernels/source_text.hpp"

namespace conv {

/// The header lines of a plain text, as tokens still to be checked against the numbers.
struct PlainHeader {
    std::vector<std::string_view> shape, bias, anchor;
    std::string_view shape_line;
    double scale = 1;
};

/// Whether the line is a plain header such as "scale: 1/9".
bool is_plain_header(std::string_view line);

/// Reads and removes the header lines at the front of `lines`. Throws Error{usage} with its place
/// for a bad one, and for one that comes later.
PlainHeader take_plain_header(const SourceText& source, std::vector<std::string_view>& lines);

}  // namespace conv
