#pragma once

#include <string>
#include <vector>

#include "conv/problem.hpp"

namespace conv::test {

/// A problem and what it exercises.
struct NamedProblem {
    std::string name;
    Problem problem;
};

/// The table that every method on every device runs.
std::vector<NamedProblem> named_problems();

/// All pictures of 1..20 x 1..20 with kernels, borders, strides and dilations that vary with them.
std::vector<NamedProblem> size_sweep();

}  // namespace conv::test
