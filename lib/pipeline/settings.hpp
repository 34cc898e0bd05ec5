#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conv/planner.hpp"
#include "conv/problem.hpp"
#include "kernels/kernel.hpp"
#include "tensor/border.hpp"
#include "tensor/nodata.hpp"
#include "tensor/sample_type.hpp"

namespace conv {

class Selection;
class TransferCurve;

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
/// sum_or_none: nothing where they sum to zero.
enum class Normalization { none, sum, abs, sum_or_none };

enum class PaddingRule {
    same,        ///< P = ceil(H / stride), output p centred on input p * stride by the anchor
    same_upper,  ///< as many outputs, the padding halved, what is odd below and right (ONNX)
    same_lower,  ///< the same, what is odd above and left
    valid,       ///< none
    full,        ///< dilation * (kernel - 1) on every side
    given,       ///< the numbers in FilterSettings::padding
};

/// How results become whole numbers of an integer depth.
enum class Rounding {
    half_even,
    half_up,       ///< floor(x + 1/2)
    truncate,      ///< towards 0
    word_half_up,  ///< 8 bits by way of 16: half up to x * 257, then half up to 8 bits
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
    bool flip = false;       ///< --convolve
    bool flip_rows = false;  ///< the kernel's rows are read from the last to the first
    /// Where kernels have no middle cell, the one before it sits on the output; else the one after.
    bool middle_before = false;
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
    /// In whose units the page's samples are, where they are not those of its type: float32 between
    /// the kernels of a chain.
    std::optional<SampleType> units;
    Rounding rounding = Rounding::half_even;
    /// The page's colours are brought into linear light by this curve, results back by that; null:
    /// they are filtered as they are.
    std::shared_ptr<const TransferCurve> decode, encode;
    /// Where results count, the rest being the input's own samples; null: everywhere.
    std::shared_ptr<const Selection> selection;
    ValueRange range = ValueRange::clamp;
    std::optional<AlphaRule> alpha;  ///< absent: weighted, or copy where a kernel sums to 0
    ChannelSelection channels;
    std::optional<Nodata> nodata;  ///< absent: every sample counts
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
/// Sets padding_rule and padding from "same", "same-upper", "same-lower", "valid", "full", "N",
/// "V,H" or "top,bottom,left,right".
void parse_padding(std::string_view text, FilterSettings& settings);

/// "auto" and "none" give nothing, "nan" and numbers what they say, as float32. Throws
/// Error{usage}.
std::optional<Nodata> parse_nodata(std::string_view text);

/// Whether outputs stand on the inputs that the anchor says: padding same, in any of its words.
bool is_same_padding(PaddingRule rule);
/// "same", "same-upper", ...
const char* padding_rule_name(PaddingRule rule);

/// In whose units the samples of a page of type `page` are.
SampleType units_of(const FilterSettings& settings, SampleType page);
/// What samples are multiplied by on the way from one type to another: 257 from u8 to u16, 1/257
/// back, 1 where float32 takes part.
double depth_factor(SampleType from, SampleType to);

const char* alpha_rule_name(AlphaRule rule);
const char* value_range_name(ValueRange range);

}  // namespace conv
