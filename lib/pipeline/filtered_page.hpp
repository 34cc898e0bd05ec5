#pragma once

#include "conv/problem.hpp"
#include "pipeline/bank.hpp"
#include "pipeline/channels.hpp"
#include "pipeline/settings.hpp"
#include "tensor/image.hpp"

namespace conv {

/// A page, or a window of it, and how it is filtered. Refers to all of it and owns nothing.
struct FilteredPage {
    const Image& page;
    const ChannelPlan& channels;
    const Problem& problem;
    const Bank& bank;
    const FilterSettings& settings;
};

}  // namespace conv
