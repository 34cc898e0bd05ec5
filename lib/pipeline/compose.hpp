#pragma once

#include <span>
#include <string>
#include <vector>

#include "conv/device.hpp"
#include "pipeline/stages.hpp"

namespace conv {

/// Why the kernels of two neighbouring stages have no common one that gives the same picture but
/// for rounding; empty: they have. Filtering with one 2-D kernel and then another is filtering with
/// their convolution wherever what the border adds to the picture between them is what filtering
/// makes of what it adds before them: under `wrap` and without a border always, under `reflect` and
/// `reflect101` where the first kernel is symmetric in both directions, under any border where the
/// second is a single number. `page` is what the first stage filters.
std::string composition_obstacle(const PictureInfo& page, const FilterStage& first,
                                 const FilterStage& second);

/// The stage of both kernels: first R + second R - 1 rows, columns likewise.
FilterStage composed(const FilterStage& first, const FilterStage& second);

/// Linked stages of a chain for pictures like `picture`, neighbours composed from left to right
/// where that can be and is predicted to be faster on the devices; their banks say so.
std::vector<FilterStage> compose_stages(std::span<const Device> devices,
                                        std::vector<FilterStage> stages,
                                        const PictureInfo& picture);

}  // namespace conv
