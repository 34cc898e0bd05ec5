#pragma once

#include "pipeline/channels.hpp"

namespace conv {

/// The channels of a page as the pictures of a batch, from channel 0 on.
Source channels_as_pictures(const Image& page, std::int64_t count);

/// What a plan makes of a page before it is convolved; no samples where its channels are read as
/// they lie.
Image converted_channels(const Image& page, const ChannelPlan& plan,
                         const FilterSettings& settings);

/// The border of what is convolved: a constant is converted as the page's samples are.
Border converted_border(const Image& page, const ChannelPlan& plan, const FilterSettings& settings);

}  // namespace conv
