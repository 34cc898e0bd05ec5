#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/bank.hpp"
#include "pipeline/settings.hpp"
#include "tensor/image.hpp"
#include "tensor/rows.hpp"
#include "tensor/source.hpp"

namespace conv {

/// Channels but opacity.
std::int64_t colours_of(const Image& page);

/// Which samples of one page are convolved together and where the results go: decided once for a
/// page from its channels, the bank, --alpha and --channels.
struct ChannelPlan {
    /// What has to be made of the page before it can be convolved.
    enum class Conversion {
        none,    ///< its channels are read as they lie
        gray,    ///< its BT.601 grey, with its opacity beside it where alpha_filtered
        select,  ///< the listed channels
        linear,  ///< its channels as float32, the colours in linear light
    };
    Conversion conversion = Conversion::none;
    bool lists_inputs = false;    ///< the inputs are the listed channels
    std::int64_t inputs = 1;      ///< channels that are convolved, opacity included where filtered
    std::int64_t colours = 1;     ///< colour channels of a result picture
    bool has_alpha = false;       ///< of a result picture
    bool weighted = false;        ///< results are divided by the filtered opacity
    double full_opacity = 1;      ///< in the page's units
    bool luma = false;            ///< the filtered grey moves the page's colours
    bool alpha_filtered = false;  ///< the last input is opacity, and becomes the result's alpha
    /// Pairs (channel of the result, channel of the page) that are copied, not filtered.
    std::vector<std::pair<std::int64_t, std::int64_t>> copied;
    AlphaRule rule = AlphaRule::straight;  ///< as applied; means nothing without alpha
    std::vector<std::string> decisions;    ///< for -v

    std::int64_t result_channels() const { return colours + (has_alpha ? 1 : 0); }
};

/// The samples a plan convolves. For 2-D kernels the pictures of `source` are the channels, `lanes`
/// of them handled together; for others its channels are the bank's input.
struct ChannelSource {
    Source source;
    std::int64_t lanes = 1;
    Border border;    ///< the settings' border, a constant's values in the order of `source`
    Image converted;  ///< owns the samples of `source` where they are not the page's own
    Image read = {};  ///< the picture whose channels `source` is: the page, or what is converted
};

/// The grey of ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, in the units of its arguments.
constexpr float bt601_luma(float red, float green, float blue) {
    return 0.299F * red + 0.587F * green + 0.114F * blue;
}

/// The channels of `from` that the plan convolves, for 2-D kernels as pictures.
Source source_of(const Image& from, const ChannelPlan& plan, const Bank& bank);

/// Which samples of ChannelSource::read do not count. Only where settings.nodata is there.
Nodata source_nodata(const ChannelPlan& plan, const FilterSettings& settings);

/// Throws Error{usage} where the bank's C fits neither the colours nor all channels, a listed
/// channel does not exist, a constant border has neither one value nor one a channel, or an alpha
/// rule asked for cannot be applied to this bank.
ChannelPlan plan_channels(const Image& page, const Bank& bank, const FilterSettings& settings);

/// Reads or converts what the plan convolves; `page` must outlive the result. Where the page is a
/// window (window_of), `held` says which rows there is memory for; so is what is converted then.
ChannelSource load_channels(const Image& page, const ChannelPlan& plan, const Bank& bank,
                            const FilterSettings& settings,
                            std::optional<RowRange> held = std::nullopt);

}  // namespace conv
