#pragma once

#include <string>

#include "explain/explanation.hpp"

namespace conv {

/// A page for a browser that shows the convolution as a definition and as the products of each
/// lowering, steps through its outputs, and computes everything again when a number is changed. One
/// self-contained file: no network, no framework. It holds the results that conv-cli computed and
/// compares its own with them. Throws Error{usage} for problems with groups, for inputs of which
/// only the size is known and for what is too large to be read.
std::string explain_page(const Explanation& explanation);

}  // namespace conv
