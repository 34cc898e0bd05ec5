#pragma once

#include <span>
#include <vector>

#include "filtering/volume_pages.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/stages.hpp"

namespace conv {

/// How a volume is filtered with one kernel of D x R x S:
///   dst[z,p,q] = bias + sum over d,r,s of  kernel[d,r,s] * src[z + d - front, ...]
/// with the border rule in z too, front = D / 2 (same), 0 (valid) or D - 1 (full). A slab of D
/// slices is one picture of D channels for each result, and where the kernel is a column in z times
/// a plane it is applied as these two.
struct VolumePlan {
    SlabRule rule;
    std::vector<FilterStage> stages;  ///< of a slab, linked
    std::string decision;             ///< for -v
};

/// Throws Error{usage} for samples that do not count: slabs would count each slice by itself.
void refuse_volume_nodata(const FilterSettings& settings);

/// For a volume of `slices` slices of type `type`. Throws as slab_rule, and Error{usage} for a
/// border's constant that is no sample, and for samples that do not count where a result has no
/// sample that it stands on.
VolumePlan plan_volume(const FilterStage& stage, std::int64_t slices, SampleType type);

/// Slices of a volume from z = 0 on: the pages of a stack, or the channels of its only picture.
ImageDocument stack_of(ImageDocument document);

/// What one slice of a volume's result is made from, the one in the middle: a picture of D
/// channels.
ImageDocument middle_slab(ImageDocument document, const FilterStage& stage);

/// All result slices, in pages of one picture: every slab of `volume` through the plan's stages.
FilterResult filter_volume(std::span<const Device> devices, const std::vector<FilterStage>& stages,
                           RowFileReader& volume);

/// The pages, one picture each, as channels of one array.
Image volume_of(std::vector<std::vector<Image>> pages);

}  // namespace conv
