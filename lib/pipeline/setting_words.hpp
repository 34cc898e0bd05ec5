#pragma once

#include <span>

#include "base/words.hpp"
#include "pipeline/settings.hpp"

namespace conv {

/// The words of the settings that have some: what options take, and all that is said of them.
std::span<const Word<Combine>> combine_words();
std::span<const Word<ValueRange>> value_range_words();
std::span<const Word<Normalization>> normalization_words();
std::span<const Word<AlphaRule>> alpha_words();
/// Beside a list of channels.
std::span<const Word<ChannelSelection::Kind>> channel_words();
/// Beside numbers.
std::span<const Word<PaddingRule>> padding_words();

}  // namespace conv
