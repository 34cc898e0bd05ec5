#pragma once

#include <string>
#include <vector>

#include "base/fractions.hpp"
#include "conv/method.hpp"
#include "kernels/kernel.hpp"
#include "pipeline/settings.hpp"

namespace conv {

/// The kernels of one filtering made ready: scaled, normalised, flipped, in one window.
struct Bank {
    /// True for 2-D kernels: each filters every channel by itself (C is then 1). False for C x R x
    /// S kernels and K x C/G x R x S banks, which sum over channels into maps.
    bool each_channel = true;
    std::int64_t K = 1, C = 1, R = 1, S = 1;
    std::vector<float> values;                ///< K x C x R x S
    std::vector<float> bias;                  ///< empty, or K numbers
    CommonFractions whole;                    ///< values, then bias, where they are fractions
    Anchor anchor;                            ///< in the window as it is used, that is after a flip
    std::vector<double> sums, absolute_sums;  ///< of each map
    std::vector<std::string> decisions;       ///< for -v: what was read as what, normalised by what

    bool has_zero_sum() const;
    bool has_negative_value() const;
    Weights weights() const;
    Weights weights_without_bias() const;
};

/// Applies, in this order, each kernel's own scale, normalisation, --scale and --convolve, and
/// embeds several 2-D kernels in one window with their anchors aligned. Throws Error{usage} for
/// mixed ranks, an anchor outside a kernel, a normalisation that would divide by zero, a bias of
/// the wrong length, and values that do not fit float32.
Bank make_bank(const std::vector<Kernel>& kernels, const FilterSettings& settings);

}  // namespace conv
