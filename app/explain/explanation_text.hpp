#pragma once

#include <iosfwd>

#include "explain/explanation.hpp"

namespace conv {

/// The plan for people: kernels, sizes, decisions, lowerings, methods and the choice; everything
/// but the matrices.
void write_explanation(std::ostream& out, const Explanation& explanation);

}  // namespace conv
