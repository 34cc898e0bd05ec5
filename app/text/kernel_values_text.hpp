#pragma once

#include <iosfwd>

#include "kernels/kernel.hpp"

namespace conv {

/// The kernel's values in columns aligned to the right, a blank line between planes.
void write_kernel_values(std::ostream& out, const Kernel& kernel);

}  // namespace conv
