#pragma once

#include <span>

#include "conv/problem.hpp"
#include "files/metadata.hpp"
#include "pipeline/chain_filter.hpp"

namespace conv {

/// Where the outputs of a filter lie in its input: output (0, 0) on the sample under the anchor of
/// its window, its neighbours a stride apart.
SampleGrid sample_grid(const Problem& problem, const Bank& bank);

/// Where the outputs of a chain lie in its input.
SampleGrid sample_grid(const ChainFilter& chain);
/// The same of a filtering that is done, by the problems that it reports.
SampleGrid sample_grid(const FilterReport& report, std::span<const FilterStage> stages);

}  // namespace conv
