#pragma once

#include <string>
#include <vector>

#include "kernels/kernel.hpp"
#include "kernels/source_text.hpp"

namespace conv {

/// Rows of numbers separated by blanks (or tabs), by commas, or, in text of several lines, by
/// semicolons; in text of one line a semicolon ends a row. One separator throughout: a mixture is
/// refused as a probable decimal comma. `#` starts a comment; numbers may be fractions. Lines
/// `shape: [K [C]] R S`, `scale: X`, `bias: B...` and `anchor: X,Y` may come first; a shape of
/// three or four numbers says how the rows make planes and maps. The rows may be an array as
/// programs print it (array_text.hpp). Throws Error{usage} "name:line:column: ..." for anything
/// else.
std::vector<Kernel> parse_plain(const SourceText& source);

/// Like plain, but the layout in lines and rows says nothing: n*n numbers make an n x n kernel.
std::vector<Kernel> parse_flat(const SourceText& source);

/// Whether the text holds nothing but numbers in rows of equal length, or has header lines.
bool recognises_plain(const SourceText& source);

/// The kernel as plain text; reading it back gives the same doubles, scale, bias and anchor.
std::string write_plain(const Kernel& kernel);

}  // namespace conv
