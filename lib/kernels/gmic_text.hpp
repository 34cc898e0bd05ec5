#pragma once

#include <string>
#include <vector>

#include "kernels/kernel.hpp"
#include "kernels/source_text.hpp"

namespace conv {

/// G'MIC's literal image: `(a,b;c,d)`, a comma before the next column, a semicolon before the next
/// row, `^` before the next channel (C x R x S). `/`, G'MIC's depth, is refused, as are rows of
/// unequal length. Throws Error{usage} with its place.
std::vector<Kernel> parse_gmic(const SourceText& source);

/// Whether the text starts with an opening bracket.
bool recognises_gmic(const SourceText& source);

/// The weights with their scale as a G'MIC literal. Throws Error{usage} for what it cannot hold: a
/// bank, a bias, an anchor other than (S/2, R/2).
std::string write_gmic(const Kernel& kernel);

}  // namespace conv
