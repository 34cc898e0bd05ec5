#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace conv {

/// Members of an option's words that stand for other values: any text, any file.
inline constexpr const char *kAnyText = "...", *kAnyFile = "FILE";

/// The group of options that were declared without one.
inline constexpr const char* kGeneralGroup = "Options";

/// One option or argument as it was declared.
struct OptionOutline {
    std::vector<std::string> names;  ///< "-k", "--kernel"; empty for an argument
    std::string value;               ///< "K", "FILE", "INPUT OUTPUT"; empty for a flag
    std::string summary, group;
    std::string default_value;  ///< empty: none, or the summary says it
    bool required = false, repeats = false;
    std::vector<std::string> words;  ///< values that are words
    bool takes_text = false, takes_file = false;

    bool positional() const { return names.empty(); }
};

/// A command and its subcommands as declared: what help, man page and completions are made from.
struct CommandOutline {
    std::string name, path;  ///< "show", "conv-cli kernel show"
    std::string summary;
    std::vector<OptionOutline> options;  ///< arguments first, then in the order of declaration
    std::vector<CommandOutline> subcommands;
    std::vector<std::string> examples;  ///< command lines
    std::vector<std::string> notes;     ///< lines
};

/// Reads the declarations of a command line. A footer's lines "Example: LINE", and those below that
/// are indented, are examples; its other lines are notes.
CommandOutline outline_of(const CLI::App& app);

/// The groups of a command's options in the order of declaration; arguments have the group "".
std::vector<std::string> option_groups(const CommandOutline& command);

/// "-k, --kernel K", or "FILES" for an argument.
std::string option_heading(const OptionOutline& option);

/// The summary with the default value.
std::string option_text(const OptionOutline& option);

/// "conv-cli apply -k K [OPTIONS] INPUT OUTPUT".
std::string usage_line(const CommandOutline& command);

}  // namespace conv
