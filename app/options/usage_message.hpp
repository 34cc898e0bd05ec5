#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace conv {

/// The command that the arguments name, as far as they were read.
const CLI::App& named_command(const CLI::App& app);

/// What is wrong with a command line, in this project's form: one line with the offending word, the
/// nearest word that would work, and where to look. `error` is what CLI11 made of it.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error);

/// What is wrong where help is asked for a command that there is not; nothing where all is well.
std::optional<std::string> unknown_command(const CLI::App& app);

/// "help [COMMAND...]" and "version" as the options that they stand for.
std::vector<std::string> with_help_words_as_options(std::vector<std::string> arguments);

}  // namespace conv
