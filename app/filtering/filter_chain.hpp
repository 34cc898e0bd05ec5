#pragma once

#include <span>
#include <vector>

#include "pipeline/filter.hpp"
#include "pipeline/stages.hpp"

namespace conv {

/// Filters every page, which is in memory, with all stages (link_stages): several go in bands, so
/// that no picture between them is whole. Throws as filter_pages does.
FilterResult filter_chain(std::span<const Device> devices, const std::vector<FilterStage>& stages,
                          std::vector<Image> pages);

}  // namespace conv
