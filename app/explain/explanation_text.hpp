#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>

#include "explain/explanation.hpp"

namespace conv {

/// The plan for people: kernels, sizes, decisions, lowerings, methods and the choice; everything
/// but the matrices. Tables and kernels are made to fit `width` letters, where it is given.
void write_explanation(std::ostream& out, const Explanation& explanation,
                       std::optional<std::size_t> width = std::nullopt);

}  // namespace conv
