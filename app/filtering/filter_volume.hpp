#pragma once

#include <span>
#include <vector>

#include "files/image_document.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/stages.hpp"

namespace conv {

/// Slices of a volume from z = 0 on: the pages of a stack, or the channels of one array. Throws
/// Error{usage} where pages differ in form or have several channels.
std::vector<Image> slices_of(const ImageDocument& document);

/// The slices that the result has: as many as the input under padding same, fewer under valid, more
/// under full. Throws Error{usage} where there is none, or the kernel has no depth.
std::int64_t result_slices(std::int64_t slices, const FilterStage& stage);

/// Filters a volume with one kernel of D x R x S:
///   dst[z,p,q] = bias + sum over d,r,s of  kernel[d,r,s] * src[z + d - front, ...]
/// with the border rule in z too, front = D / 2 (same), 0 (valid) or D - 1 (full). A slab of D
/// slices is put together for each result, and where the kernel is a column in z times a plane it
/// is applied as these two. One picture a result slice, in pages of one.
FilterResult filter_volume(std::span<const Device> devices, const FilterStage& stage,
                           const std::vector<Image>& slices);

/// The pages, one picture each, as channels of one array.
Image volume_of(std::vector<std::vector<Image>> pages);

}  // namespace conv
