#pragma once

#include <string>
#include <vector>

#include "options/filter_options.hpp"
#include "pipeline/bank.hpp"

namespace conv {

/// What --compat TOOL stands for: the tool's defaults in this program's options. Options given by
/// hand win.
struct CompatibilityPreset {
    const char* tool;
    const char* what;    ///< the call of the tool that it is equal to
    const char* border;  ///< as --border has it
    bool convolve = false, flip_rows = false, middle_before = false;
    Normalization normalization = Normalization::none;
    Rounding rounding = Rounding::half_even;
    AlphaRule alpha = AlphaRule::straight;
    bool keeps_edges = false;              ///< samples whose window leaves the picture are copied
    std::vector<std::int64_t> sides = {};  ///< of its kernels, which are square; empty: any

    void apply(const FilterOptions& options, FilterSettings& settings) const;
    /// Throws Error{usage} for a size that the tool lacks.
    void require_size(const Bank& bank) const;
    /// "compat: pillow, PIL.ImageFilter.Kernel: --border ...", for -v.
    std::string decision() const;
};

/// The words of --compat.
std::vector<std::string> compatibility_words();

/// The preset that is asked for; null for none.
const CompatibilityPreset* compatibility_of(const FilterOptions& options);

}  // namespace conv
