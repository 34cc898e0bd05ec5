#pragma once

#include "conv/problem.hpp"
#include "files/metadata.hpp"
#include "pipeline/bank.hpp"

namespace conv {

/// Where the outputs of a filter lie in its input: output (0, 0) on the sample under the anchor of
/// its window, its neighbours a stride apart.
SampleGrid sample_grid(const Problem& problem, const Bank& bank);

}  // namespace conv
