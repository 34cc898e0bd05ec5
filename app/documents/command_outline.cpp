#include "documents/command_outline.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

namespace conv {
namespace {

/// The words in the first {a,b,c} of a type name such as "B:{constant,wrap,...}".
std::vector<std::string> words_of(const std::string& type_name) {
    const std::size_t open = type_name.find(":{");
    if (open == std::string::npos) return {};
    const std::size_t first = open + 2;
    return CLI::detail::split(type_name.substr(first, type_name.find('}', first) - first), ',');
}

bool take_word(std::vector<std::string>& words, const char* word) {
    return std::erase(words, word) > 0;
}

OptionOutline outline_of_option(const CLI::Option& option) {
    OptionOutline o;
    for (const std::string& name : option.get_snames()) o.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) o.names.push_back("--" + name);
    o.summary = option.get_description();
    o.group = option.get_positional() ? "" : option.get_group();
    o.required = option.get_required();
    o.repeats = option.get_items_expected_max() > 1;
    if (option.get_items_expected_max() == 0) return o;  // a flag
    const std::string type = option.get_type_name();
    o.value = type.substr(0, type.find(':'));
    if (option.get_positional()) o.value = option.get_name(true);
    if (!option.get_option_text().empty()) o.value = option.get_option_text();
    o.default_value = option.get_default_str();
    o.words = words_of(type);
    o.takes_file = take_word(o.words, kAnyFile) || o.value.starts_with("FILE") ||
                   o.value == "IMAGE" || (option.get_positional() && o.words.empty());
    o.takes_text = take_word(o.words, kAnyText) || (o.words.empty() && !o.takes_file);
    return o;
}

void read_footer(const std::string& footer, CommandOutline& command) {
    constexpr std::string_view kExample = "Example: ", kIndent = "         ";
    std::istringstream lines(footer);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(kExample) || line.starts_with(kIndent)) {
            command.examples.push_back(line.substr(kExample.size()));
        } else if (!line.empty()) {
            command.notes.push_back(line);
        }
    }
}

CommandOutline outline_below(const CLI::App& app, const std::string& parent) {
    CommandOutline command;
    command.name = app.get_name();
    command.path = parent + command.name;
    command.summary = app.get_description();
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_group().empty()) command.options.push_back(outline_of_option(*option));
    }
    std::stable_partition(command.options.begin(), command.options.end(),
                          [](const OptionOutline& option) { return option.positional(); });
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
        command.subcommands.push_back(outline_below(*sub, command.path + " "));
    read_footer(app.get_footer(), command);
    return command;
}

}  // namespace

CommandOutline outline_of(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    std::string path;
    for (; parent != nullptr; parent = parent->get_parent()) {
        path.insert(0, parent->get_name() + " ");
    }
    return outline_below(app, path);
}

std::vector<std::string> option_groups(const CommandOutline& command) {
    std::vector<std::string> groups;
    for (const OptionOutline& option : command.options) {
        if (std::find(groups.begin(), groups.end(), option.group) == groups.end())
            groups.push_back(option.group);
    }
    // --help and --version, declared first, are looked for last.
    const auto general = std::find(groups.begin(), groups.end(), kGeneralGroup);
    if (general != groups.end()) std::rotate(general, general + 1, groups.end());
    return groups;
}

std::string option_heading(const OptionOutline& option) {
    if (option.positional()) return option.value;
    return fmt::format("{}{}{}", fmt::join(option.names, ", "), option.value.empty() ? "" : " ",
                       option.value);
}

std::string option_text(const OptionOutline& option) {
    if (option.default_value.empty()) return option.summary;
    return fmt::format("{} (default {})", option.summary, option.default_value);
}

std::string usage_line(const CommandOutline& command) {
    std::string line = command.path, arguments;
    for (const OptionOutline& option : command.options) {
        if (option.positional()) {
            arguments += (option.required ? " " : " [") + option.value;
            if (option.repeats && option.value.find(' ') == std::string::npos) arguments += "...";
            if (!option.required) arguments += "]";
        } else if (option.required) {
            line += " " + option.names.front() + " " + option.value;
        }
    }
    if (!command.subcommands.empty()) return line + " COMMAND ...";
    return line + " [OPTIONS]" + arguments;
}

}  // namespace conv
