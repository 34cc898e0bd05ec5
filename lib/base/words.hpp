#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace conv {

/// A word that a setting takes, and what it stands for. A setting's help, completion, check and
/// error are made from the table of its words.
template <typename Value>
struct Word {
    std::string_view name;
    Value value;
    std::string_view note = {};  ///< for help: what it means, where its name does not say it
};

/// Every name, for completion.
template <typename Words>
std::vector<std::string> names_of(const Words& words) {
    std::vector<std::string> names;
    names.reserve(std::size(words));
    for (const auto& word : words) names.emplace_back(word.name);
    return names;
}

/// "stack, sum, max (signed), l2"
template <typename Words>
std::string described(const Words& words) {
    std::string text;
    for (const auto& word : words) {
        text += std::string(text.empty() ? "" : ", ") + std::string(word.name);
        if (!word.note.empty()) text += " (" + std::string(word.note) + ")";
    }
    return text;
}

/// The entry of that name, or null.
template <typename Words>
auto find_word(const Words& words, std::string_view name) -> decltype(&*words.begin()) {
    for (const auto& word : words) {
        if (word.name == name) return &word;
    }
    return nullptr;
}

/// What a word stands for. Throws Error{usage} that lists them.
template <typename Words>
auto value_of(const Words& words, std::string_view option, std::string_view name) {
    const auto* word = find_word(words, name);
    if (word == nullptr) {
        fail(ErrorKind::usage, "{} '{}' is unknown, use one of {}", option, name,
             fmt::join(names_of(words), ", "));
    }
    return word->value;
}

/// The first word that stands for a value.
template <typename Words, typename Value>
std::string_view name_of(const Words& words, const Value& value) {
    for (const auto& word : words) {
        if (word.value == value) return word.name;
    }
    return {};
}

}  // namespace conv
