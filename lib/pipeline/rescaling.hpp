#pragma once

#include <utility>

#include "pipeline/settings.hpp"
#include "tensor/convert.hpp"
#include "tensor/image.hpp"

namespace conv {

/// How --range rescale brings the sums of all pages into an integer depth.
struct Rescaling {
    SampleType from = SampleType::u8;  ///< units of opacity, and of `missing`
    SampleType depth = SampleType::u8;
    double least = 0, greatest = 0;  ///< become 0 and white
    double missing = 0;              ///< what stands for kMissingSample
};

/// Whether results are kept as float32 until the extremes of all pages are known.
bool rescales(const FilterSettings& settings);

/// The rescaling of a filtering whose values reach from least to greatest.
Rescaling rescaling_of(SampleType from, const FilterSettings& settings,
                       std::pair<double, double> extremes);

/// x becomes (x - least) / (greatest - least) * white for every colour channel, rounded; alpha is
/// converted from its units. least = greatest gives 0. NaN becomes 0 and counts as lost.
Image rescale_picture(const Image& picture, const Rescaling& rescaling, Lost& lost);

}  // namespace conv
