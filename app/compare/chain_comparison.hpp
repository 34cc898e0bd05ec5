#pragma once

#include <vector>

#include "compare/comparison_report.hpp"

namespace conv {

/// The comparison of a whole chain from those of its steps, each of which every method was given
/// the same picture for: times are added up, errors are the largest. A method that did not run in
/// every step did not run.
SweepStep whole_chain(const std::vector<SweepStep>& steps);

}  // namespace conv
