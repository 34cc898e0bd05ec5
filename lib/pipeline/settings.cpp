#include "pipeline/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.hpp"

namespace conv {
namespace {

template <typename Value>
struct Word {
    const char* name;
    Value value;
};

constexpr std::array kCombines = {Word{"stack", Combine::stack}, Word{"sum", Combine::sum},
                                  Word{"max", Combine::max}, Word{"l2", Combine::l2}};
constexpr std::array kRanges = {Word{"clamp", ValueRange::clamp}, Word{"abs", ValueRange::abs},
                                Word{"rescale", ValueRange::rescale}};
constexpr std::array kNormalizations = {Word{"none", Normalization::none},
                                        Word{"sum", Normalization::sum},
                                        Word{"abs", Normalization::abs}};
constexpr std::array kAlphaRules = {Word{"weighted", AlphaRule::weighted},
                                    Word{"straight", AlphaRule::straight},
                                    Word{"copy", AlphaRule::copy}, Word{"drop", AlphaRule::drop}};

template <typename Words>
auto find_word(const Words& words, std::string_view option, std::string_view word) {
    for (const auto& candidate : words) {
        if (word == candidate.name) return candidate.value;
    }
    std::string names;
    for (const auto& candidate : words)
        names += std::string(names.empty() ? "" : ", ") + candidate.name;
    fail(ErrorKind::usage, "{} '{}' is unknown, use one of {}", option, word, names);
}

template <typename Words, typename Value>
const char* word_of(const Words& words, Value value) {
    return std::find_if(words.begin(), words.end(), [&](const auto& w) { return w.value == value; })
        ->name;
}

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

Combine parse_combine(std::string_view word) {
    return find_word(kCombines, "--combine", word);
}

ValueRange parse_value_range(std::string_view word) {
    return find_word(kRanges, "--range", word);
}

Normalization parse_normalization(std::string_view word) {
    return find_word(kNormalizations, "--normalize", word);
}

std::optional<AlphaRule> parse_alpha_rule(std::string_view word) {
    return find_word(kAlphaRules, "--alpha", word);
}

const char* alpha_rule_name(AlphaRule rule) {
    return word_of(kAlphaRules, rule);
}

const char* value_range_name(ValueRange range) {
    return word_of(kRanges, range);
}

ChannelSelection parse_channels(std::string_view text) {
    using Kind = ChannelSelection::Kind;
    for (const auto& [name, kind] : {std::pair{"all", Kind::all},
                                     {"gray", Kind::gray},
                                     {"grey", Kind::gray},
                                     {"luma", Kind::luma}}) {
        if (text == name) return {kind, {}};
    }
    const auto list = parse_integers(text);
    if (!list || std::any_of(list->begin(), list->end(), [](std::int64_t c) { return c < 0; })) {
        fail(ErrorKind::usage,
             "--channels '{}' is unknown, use all, gray, luma or a list of channels from 0, as 0,2",
             text);
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
    for (const auto& [name, rule] : {std::pair{"same", PaddingRule::same},
                                     {"valid", PaddingRule::valid},
                                     {"full", PaddingRule::full}}) {
        if (text == name) {
            settings.padding_rule = rule;
            return;
        }
    }
    const auto v = parse_integers(text);
    const bool good = v && (v->size() == 1 || v->size() == 2 || v->size() == 4) &&
                      std::all_of(v->begin(), v->end(), [](std::int64_t x) { return x >= 0; });
    if (!good) {
        fail(ErrorKind::usage,
             "--padding '{}' is unknown, use same, valid, full, N, V,H or "
             "top,bottom,left,right with numbers from 0",
             text);
    }
    settings.padding_rule = PaddingRule::given;
    const auto& n = *v;
    if (n.size() == 1) settings.padding = {n[0], n[0], n[0], n[0]};
    if (n.size() == 2) settings.padding = {n[0], n[0], n[1], n[1]};
    if (n.size() == 4) settings.padding = {n[0], n[1], n[2], n[3]};
}

}  // namespace conv
