#pragma once

#include <iosfwd>
#include <string>

#include "explain/explanation.hpp"

namespace conv {

/// Prints what the lowering multiplies and what comes out (lowering_matrices), aligned, under
/// headings for each picture and group where there are several; one line where it is too large.
void write_lowering(std::ostream& out, const Explanation& explanation, const std::string& lowering);

}  // namespace conv
