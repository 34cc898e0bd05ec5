#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conv/planner.hpp"
#include "conv/problem.hpp"
#include "kernels/kernel.hpp"
#include "tensor/border.hpp"
#include "tensor/sample_type.hpp"

namespace conv {

/// What becomes of opacity.
enum class AlphaRule {
    weighted,  ///< colours are averaged by opacity: no halo from what is transparent
    straight,  ///< one more channel
    copy,      ///< taken from the input, in the output's geometry
    drop,      ///< left out
};

/// What becomes of the results of several 2-D kernels.
enum class Combine { stack, sum, max, l2 };

/// How values are brought into an integer depth.
enum class ValueRange { clamp, abs, rescale };

/// What a kernel's values are divided by, for each output map over all its C, R, S.
enum class Normalization { none, sum, abs };

enum class PaddingRule {
    same,   ///< P = ceil(H / stride), output p centred on input p * stride by the anchor
    valid,  ///< none
    full,   ///< dilation * (kernel - 1) on every side
    given,  ///< the numbers in FilterSettings::padding
};

/// Which channels 2-D kernels filter.
struct ChannelSelection {
    enum class Kind {
        all,
        gray,  ///< the BT.601 grey 0.299 R + 0.587 G + 0.114 B alone
        luma,  ///< that grey is filtered and the colours are moved by what it changed
        list,  ///< these, the others copied; with C x R x S kernels and banks: these are the input
    };
    Kind kind = Kind::all;
    std::vector<std::int64_t> list;
};

/// Everything the options say about one filtering, in their own words.
struct FilterSettings {
    std::string method = "auto";
    bool flip = false;  ///< --convolve
    Border border{BorderMode::reflect101, {}};
    PaddingRule padding_rule = PaddingRule::same;
    Padding padding;
    std::optional<Anchor> anchor;
    std::int64_t stride_h = 1, stride_w = 1;
    std::int64_t dilation_h = 1, dilation_w = 1;
    std::int64_t groups = 1;
    double scale = 1;
    std::optional<Normalization> normalization;  ///< absent: what the kernel's source implies
    std::optional<std::vector<double>> bias;     ///< replaces the kernels' own; 1 or K numbers
    Combine combine = Combine::stack;
    SampleType depth = SampleType::u8;  ///< of the result
    ValueRange range = ValueRange::clamp;
    std::optional<AlphaRule> alpha;  ///< absent: weighted, or copy where a kernel sums to 0
    ChannelSelection channels;
    Limits limits;
    /// Recompute every sum on this device too, and fail where the two differ; null: do not.
    const Device* verify_on = nullptr;
};

/// The words of the options. Each parse function throws Error{usage} that lists them.
Combine parse_combine(std::string_view word);
ValueRange parse_value_range(std::string_view word);
Normalization parse_normalization(std::string_view word);
std::optional<AlphaRule> parse_alpha_rule(std::string_view word);
/// "all", "gray", "luma", or a list "0,2".
ChannelSelection parse_channels(std::string_view text);
/// Sets padding_rule and padding from "same", "valid", "full", "N", "V,H" or
/// "top,bottom,left,right".
void parse_padding(std::string_view text, FilterSettings& settings);

const char* alpha_rule_name(AlphaRule rule);
const char* value_range_name(ValueRange range);

}  // namespace conv
