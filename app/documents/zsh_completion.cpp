#include <fmt/format.h>

#include <algorithm>

#include "documents/completions.hpp"

namespace conv {
namespace {

std::string escaped(const std::string& text, std::string_view special) {
    std::string result;
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) result += '\\';
        result += c;
    }
    return result;
}

/// Inside single quotes of the shell.
std::string zsh_quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
    return result + "'";
}

/// What _arguments does for a value: words, files, both, or only its name shown.
std::string action(const OptionOutline& option) {
    const std::string words = fmt::format("{}", fmt::join(option.words, " "));
    if (option.takes_file)
        return words.empty() ? "_files" : fmt::format("{{compadd -- {}; _files}}", words);
    return words.empty() ? " " : "(" + words + ")";
}

std::string argument_line(const OptionOutline& option) {
    const std::string value = escaped(option.value, ":\\") + ":" + action(option);
    if (option.positional()) return zsh_quoted((option.repeats ? "*:" : ":") + value);
    const std::string names = fmt::format("{}", fmt::join(option.names, " "));
    std::string line = option.repeats ? "'*'" : fmt::format("'({})'", names);
    line += option.names.size() == 1 ? option.names.front()
                                     : fmt::format("{{{}}}", fmt::join(option.names, ","));
    std::string what = "[" + escaped(option.summary, "[]:\\") + "]";
    if (!option.value.empty()) what += ":" + value;
    return line + zsh_quoted(what);
}

std::string function_name(const CommandOutline& command) {
    std::string name = "_" + command.path;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '-' || c == ' '; }, '_');
    return name;
}

std::string functions(const CommandOutline& command) {
    std::string text, cases, commands;
    for (const CommandOutline& sub : command.subcommands) {
        text += functions(sub);
        cases += fmt::format("        {}) {} ;;\n", sub.name, function_name(sub));
        commands += fmt::format(
            " {}", zsh_quoted(escaped(sub.name, ":\\") + ":" + escaped(sub.summary, "\\")));
    }
    text += function_name(command) + "() {\n";
    if (!commands.empty())
        text += "    local context curcontext=$curcontext state line subcommands\n";
    text += commands.empty() ? "    _arguments -s" : "    _arguments -C";
    for (const OptionOutline& option : command.options)
        text += " \\\n        " + argument_line(option);
    if (!commands.empty()) {
        text += " \\\n        '1:command:->command' \\\n        '*::argument:->argument'\n";
        text += fmt::format(
            "    case $state in\n    command) subcommands=({})\n"
            "        _describe command subcommands ;;\n    argument)\n        case $words[1] in\n"
            "{}        esac ;;\n    esac",
            commands, cases);
    }
    return text + "\n}\n";
}

}  // namespace

std::string zsh_completion(const CommandOutline& program) {
    return fmt::format("#compdef {}\n{}{} \"$@\"\n", program.name, functions(program),
                       function_name(program));
}

}  // namespace conv
