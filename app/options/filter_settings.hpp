#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/words.hpp"
#include "files/image_document.hpp"
#include "options/filter_options.hpp"
#include "pipeline/settings.hpp"

namespace conv {

/// Words of --depth; no type: that of the input.
inline constexpr std::array kDepths = {
    Word<std::optional<SampleType>>{"same", std::nullopt},
    Word<std::optional<SampleType>>{sample_type_name(SampleType::u8), SampleType::u8},
    Word<std::optional<SampleType>>{sample_type_name(SampleType::u16), SampleType::u16},
    Word<std::optional<SampleType>>{sample_type_name(SampleType::f32), SampleType::f32}};

/// Words of --layout: whether channels come last.
inline constexpr std::array kLayouts = {Word<bool>{"chw", false}, Word<bool>{"hwc", true}};

/// The options' meaning, but for the depth, which depends on the input. Throws Error{usage} naming
/// the option and the value.
FilterSettings filter_settings(const FilterOptions& options);

/// Depth of the result: `--depth` where given, the input's otherwise; arrays are float32 unless the
/// input is integer and no kernel value is negative.
SampleType result_depth(const FilterOptions& options, SampleType input, bool array_output,
                        bool negative_weights);

/// What does not count in an input of samples `type`: what was asked for, or under auto what the
/// file states where such samples can be.
std::optional<Nodata> input_nodata(const FilterOptions& options, SampleType type,
                                   const Metadata& metadata);

ReadOptions read_options(const FilterOptions& options);

}  // namespace conv
