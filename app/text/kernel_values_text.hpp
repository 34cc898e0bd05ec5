#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>

#include "kernels/kernel.hpp"

namespace conv {

/// The kernel's values in columns aligned to the right, a blank line between planes. A separable
/// kernel that is wider than `width` letters is written as its column and its row.
void write_kernel_values(std::ostream& out, const Kernel& kernel,
                         std::optional<std::size_t> width = std::nullopt);

}  // namespace conv
