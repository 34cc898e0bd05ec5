#include "pipeline/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.hpp"
#include "pipeline/setting_words.hpp"

namespace conv {
namespace {

constexpr std::array kCombines = {
    Word<Combine>{"stack", Combine::stack}, Word<Combine>{"sum", Combine::sum},
    Word<Combine>{"max", Combine::max, "signed"}, Word<Combine>{"l2", Combine::l2}};
constexpr std::array kRanges = {
    Word<ValueRange>{"clamp", ValueRange::clamp}, Word<ValueRange>{"abs", ValueRange::abs},
    Word<ValueRange>{"rescale", ValueRange::rescale, "least..greatest to 0..white"}};
constexpr std::array kNormalizations = {Word<Normalization>{"none", Normalization::none},
                                        Word<Normalization>{"sum", Normalization::sum},
                                        Word<Normalization>{"abs", Normalization::abs}};
constexpr std::array kAlphaRules = {Word<AlphaRule>{"weighted", AlphaRule::weighted, "no halos"},
                                    Word<AlphaRule>{"straight", AlphaRule::straight},
                                    Word<AlphaRule>{"copy", AlphaRule::copy},
                                    Word<AlphaRule>{"drop", AlphaRule::drop}};
using Kind = ChannelSelection::Kind;
constexpr std::array kChannels = {Word<Kind>{"all", Kind::all},
                                  Word<Kind>{"gray", Kind::gray, "BT.601"},
                                  Word<Kind>{"luma", Kind::luma, "filter luma, keep colour"}};
constexpr std::array kPaddings = {Word<PaddingRule>{"same", PaddingRule::same},
                                  Word<PaddingRule>{"same-upper", PaddingRule::same_upper, "ONNX"},
                                  Word<PaddingRule>{"same-lower", PaddingRule::same_lower},
                                  Word<PaddingRule>{"valid", PaddingRule::valid},
                                  Word<PaddingRule>{"full", PaddingRule::full}};

/// Comma-separated integers, or nothing when one is none.
std::optional<std::vector<std::int64_t>> parse_integers(std::string_view text) {
    std::vector<std::int64_t> values;
    for (;;) {
        const std::size_t comma = text.find(',');
        const std::string_view token = text.substr(0, comma);
        std::int64_t value = 0;
        const auto [end, status] =
            std::from_chars(token.data(), token.data() + token.size(), value);
        if (status != std::errc() || end != token.data() + token.size()) return std::nullopt;
        values.push_back(value);
        if (comma == std::string_view::npos) return values;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace

std::span<const Word<Combine>> combine_words() {
    return kCombines;
}

std::span<const Word<ValueRange>> value_range_words() {
    return kRanges;
}

std::span<const Word<Normalization>> normalization_words() {
    return kNormalizations;
}

std::span<const Word<AlphaRule>> alpha_words() {
    return kAlphaRules;
}

std::span<const Word<ChannelSelection::Kind>> channel_words() {
    return kChannels;
}

std::span<const Word<PaddingRule>> padding_words() {
    return kPaddings;
}

Combine parse_combine(std::string_view word) {
    return value_of(kCombines, "--combine", word);
}

ValueRange parse_value_range(std::string_view word) {
    return value_of(kRanges, "--range", word);
}

Normalization parse_normalization(std::string_view word) {
    return value_of(kNormalizations, "--normalize", word);
}

std::optional<AlphaRule> parse_alpha_rule(std::string_view word) {
    return value_of(kAlphaRules, "--alpha", word);
}

std::optional<Nodata> parse_nodata(std::string_view text) {
    if (text == "auto" || text == "none") return std::nullopt;
    double value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size() || std::isinf(value)) {
        fail(ErrorKind::usage,
             "--nodata '{}' is not understood, use a number, nan, auto (what the file states) or "
             "none",
             text);
    }
    const auto narrowed = static_cast<float>(value);
    return Nodata{narrowed, narrowed};
}

bool is_same_padding(PaddingRule rule) {
    return rule == PaddingRule::same || rule == PaddingRule::same_upper ||
           rule == PaddingRule::same_lower;
}

const char* padding_rule_name(PaddingRule rule) {
    return rule == PaddingRule::given ? "given" : name_of(kPaddings, rule).data();
}

SampleType units_of(const FilterSettings& settings, SampleType page) {
    return settings.units.value_or(page);
}

double depth_factor(SampleType from, SampleType to) {
    constexpr double kWordsPerByte = 257;  // 65535 / 255
    if (from == SampleType::u8 && to == SampleType::u16) return kWordsPerByte;
    if (from == SampleType::u16 && to == SampleType::u8) return 1 / kWordsPerByte;
    return 1;
}

const char* alpha_rule_name(AlphaRule rule) {
    return name_of(kAlphaRules, rule).data();
}

const char* value_range_name(ValueRange range) {
    return name_of(kRanges, range).data();
}

ChannelSelection parse_channels(std::string_view text) {
    if (const auto* word = find_word(kChannels, text == "grey" ? "gray" : text)) {
        return {word->value, {}};
    }
    const auto list = parse_integers(text);
    if (!list || std::any_of(list->begin(), list->end(), [](std::int64_t c) { return c < 0; })) {
        fail(ErrorKind::usage,
             "--channels '{}' is unknown, use {} or a list of channels from 0, as 0,2", text,
             fmt::join(names_of(kChannels), ", "));
    }
    auto sorted = *list;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
        fail(ErrorKind::usage, "--channels '{}' names a channel twice, name each once", text);
    }
    return {Kind::list, *list};
}

void parse_padding(std::string_view text, FilterSettings& settings) {
    settings.padding = {};
    if (const auto* word = find_word(kPaddings, text)) {
        settings.padding_rule = word->value;
        return;
    }
    const auto v = parse_integers(text);
    const bool good = v && (v->size() == 1 || v->size() == 2 || v->size() == 4) &&
                      std::all_of(v->begin(), v->end(), [](std::int64_t x) { return x >= 0; });
    if (!good) {
        fail(ErrorKind::usage,
             "--padding '{}' is unknown, use {}, N, V,H or top,bottom,left,right with numbers from "
             "0",
             text, fmt::join(names_of(kPaddings), ", "));
    }
    settings.padding_rule = PaddingRule::given;
    const auto& n = *v;
    if (n.size() == 1) settings.padding = {n[0], n[0], n[0], n[0]};
    if (n.size() == 2) settings.padding = {n[0], n[0], n[1], n[1]};
    if (n.size() == 4) settings.padding = {n[0], n[1], n[2], n[3]};
}

}  // namespace conv
