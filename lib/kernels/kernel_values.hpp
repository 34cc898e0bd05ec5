#pragma once

#include <string_view>
#include <vector>

#include "kernels/kernel.hpp"

namespace conv {

/// The weights with the source's own scale: values[i] * scale.
std::vector<double> scaled_values(const Kernel& kernel);

/// Throws Error{usage} naming `format` unless the kernel is R x S.
void require_two_dimensional(const Kernel& kernel, std::string_view format);

/// Throws Error{usage} naming `format` where the kernel's anchor is not (S/2, R/2).
void require_default_anchor(const Kernel& kernel, std::string_view format);

/// Throws Error{usage} naming `format` where the kernel has a bias other than 0.
void require_no_bias(const Kernel& kernel, std::string_view format);

}  // namespace conv
