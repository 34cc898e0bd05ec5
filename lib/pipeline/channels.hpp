#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/bank.hpp"
#include "pipeline/settings.hpp"
#include "tensor/image.hpp"
#include "tensor/source.hpp"

namespace conv {

/// Which samples of one page are convolved together and where the results go: decided once for a
/// page from its channels, the bank, --alpha and --channels.
struct ChannelPlan {
    /// What is convolved. For 2-D kernels its pictures are the channels, interleaved where the page
    /// is; for others its channels are the bank's input.
    Source source;
    Image converted;           ///< owns the samples of `source` where they are not the page's own
    std::int64_t lanes = 1;    ///< pictures of `source` that one run handles together
    std::int64_t colours = 1;  ///< colour channels of a result picture
    bool has_alpha = false;    ///< of a result picture
    bool weighted = false;     ///< results are divided by the filtered opacity
    bool luma = false;         ///< lane 0 is grey; it moves the page's colours
    bool alpha_filtered = false;  ///< the last lane is opacity, and is the result's alpha
    /// Pairs (channel of the result, channel of the page) that are copied, not filtered.
    std::vector<std::pair<std::int64_t, std::int64_t>> copied;
    AlphaRule rule = AlphaRule::straight;  ///< as applied; means nothing without alpha
    std::vector<std::string> decisions;    ///< for -v
};

/// The grey of ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, in the units of its arguments.
constexpr float bt601_luma(float red, float green, float blue) {
    return 0.299F * red + 0.587F * green + 0.114F * blue;
}

/// Throws Error{usage} where the bank's C fits neither the colours nor all channels, a listed
/// channel does not exist, or an alpha rule asked for cannot be applied to this bank.
ChannelPlan plan_channels(const Image& page, const Bank& bank, const FilterSettings& settings);

}  // namespace conv
