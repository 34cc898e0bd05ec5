#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compare/compare_options.hpp"
#include "kernels/kernel.hpp"

namespace conv {

/// What one step of a comparison applies.
struct NamedKernels {
    std::string name;
    std::int64_t size = 0;  ///< of a sweep; else 0
    std::vector<Kernel> kernels;
};

/// The kernels of every step: those given, or the built-in in each size of the sweep. Throws
/// Error{usage} where --sweep is not understood or the kernel has no size.
std::vector<NamedKernels> step_kernels(const CompareOptions& options);

/// The kernel of every --then. Throws Error{usage} where that is several.
void add_chain(const FilterOptions& options, std::vector<NamedKernels>& steps);

}  // namespace conv
