#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace conv {

/// What an option takes besides its words.
enum class OtherValues { text, file };

/// Declares words that an option takes among other values, for help, man page and completions. It
/// checks nothing: the option's own reader judges. An option that takes only its words has
/// CLI::IsMember instead.
CLI::Validator offered_words(std::vector<std::string> words, OtherValues others);

/// The word, "auto" or "all", and the names of the methods.
std::vector<std::string> method_words(const std::string& word);

/// The result of `action`, whose errors get the option's name in front.
template <typename Action>
auto named(const std::string& option, Action action) {
    try {
        return action();
    } catch (const Error& error) {
        throw Error(error.kind(), option + ": " + error.what());
    }
}

/// The names of the built-in kernels, or a file: what an option that takes a kernel has.
CLI::Validator offered_kernels();

}  // namespace conv
