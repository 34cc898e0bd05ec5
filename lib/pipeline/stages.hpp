#pragma once

#include <span>
#include <vector>

#include "pipeline/bank.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// One filtering of a chain: the result picture of the one before is its page, in float32.
struct FilterStage {
    Bank bank;
    FilterSettings settings;
    int steps = 1;  ///< of those that were asked for: several where their kernels are composed
};

/// The settings that a chain's step `step`, from 0, is made with: after the first the bias and
/// anchor are those that its own kernel states.
FilterSettings step_settings(const FilterSettings& settings, std::size_t step);

/// What the page of the stage after `stage` is, its height and width left as they are.
PictureInfo stage_result(const PictureInfo& page, const FilterStage& stage);

/// Fills in what the stages of a chain have of each other: float32 between them, the units of a
/// page of type `first`, marks for samples that do not count, stride in the last one alone, light
/// decoded in the first and encoded in the last. All stages come with the same settings, those of
/// the result.
void link_stages(std::span<FilterStage> stages, SampleType first);

}  // namespace conv
