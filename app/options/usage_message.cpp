#include "options/usage_message.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "base/nearest_name.hpp"
#include "documents/command_outline.hpp"
#include "kernels/builtin.hpp"

namespace conv {
namespace {

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(sub->get_name());
    }
    return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
        for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    }
    return names;
}

/// "gaussian:sigma" for "sigma": a built-in kernel with a parameter of that name.
std::optional<std::string> kernel_parameter(const std::string& name) {
    for (const char* usual : {"gaussian", "box", ""}) {
        for (const Builtin& builtin : builtin_kernels()) {
            if (*usual != '\0' && builtin.name != usual) continue;
            for (const BuiltinParameter& parameter : builtin.parameters) {
                if (parameter.name == name) return builtin.name + ":" + name;
            }
        }
    }
    return std::nullopt;
}

bool takes_output(const CLI::App& command) {
    const auto options = command.get_options();
    return std::any_of(options.begin(), options.end(), [](const CLI::Option* option) {
        return option->get_positional() &&
               option->get_option_text().find("OUTPUT") != std::string::npos;
    });
}

std::string unknown_option(const CLI::App& command, const std::string& word) {
    const std::string option = word.substr(0, word.find('='));
    const std::string message = fmt::format("unknown option '{}'", option);
    const std::string name = option.substr(std::min(option.find_first_not_of('-'), option.size()));
    if ((name == "o" || name == "output") && takes_output(command)) {
        return message + ", OUTPUT is the last argument";
    }
    if (const auto parameter = kernel_parameter(name)) {
        return fmt::format("{}, it is a parameter of a kernel: -k {}=...", message, *parameter);
    }
    if (option == "-v" || option == "-V") return message + " (did you mean '--version'?)";
    const bool is_long = option.starts_with("--");  // any two letters are near each other
    return message + (is_long ? nearest_name_hint(option, option_names(command)) : "");
}

std::string unknown_command_words(const CLI::App& command, const std::string& word) {
    const std::vector<std::string> commands = command_names(command);
    return fmt::format("unknown command '{}'{}, use {}", word, nearest_name_hint(word, commands),
                       fmt::join(commands, ", "));
}

bool is_option(const std::string& word) {
    return word.size() > 1 && word.front() == '-';
}

/// What was left over and explains the failure better than what CLI11 misses.
std::optional<std::string> left_over(const CLI::App& command) {
    const std::vector<std::string> words = command.remaining();
    for (const std::string& word : words) {
        if (is_option(word)) return unknown_option(command, word);
        if (!command_names(command).empty()) return unknown_command_words(command, word);
    }
    if (words.empty()) return std::nullopt;
    return fmt::format("'{}' is one argument too many", words.front());
}

/// An option before the command that it belongs to, as in "kernel -q list".
std::optional<std::string> too_early(const CLI::App& app, const CLI::App& named) {
    for (const CLI::App* command = &app; command != &named;
         command = command->get_subcommands().front()) {
        for (const std::string& word : command->remaining()) {
            if (!is_option(word)) continue;
            const std::vector<std::string> known = option_names(named);
            const std::string option = word.substr(0, word.find('='));
            return std::find(known.begin(), known.end(), option) == known.end()
                       ? unknown_option(named, word)
                       : fmt::format("'{}' stands before its command, write it behind '{}'", option,
                                     named.get_name());
        }
    }
    return std::nullopt;
}

/// "INPUT OUTPUT" for FILES: what the help calls it.
std::string shown_name(const CLI::App& command, const std::string& name) {
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option == nullptr || !option->get_positional()) return name;
    const std::string text = option->get_option_text();
    return text.empty() ? name : text;
}

/// A built-in kernel's name among the files: the option before it was forgotten.
std::string forgotten_kernel(const CLI::App& command) {
    for (const CLI::Option* option : command.get_options()) {
        if (!option->get_positional()) continue;
        for (const std::string& value : option->results()) {
            if (is_builtin_reference(value)) return fmt::format(" (did you mean -k {}?)", value);
        }
    }
    return "";
}

std::string missing(const CLI::App& command, const std::string& message) {
    const std::string name = message.substr(0, message.find(" is required"));
    if (name == "A subcommand") {
        return fmt::format("a command is missing, use {}", fmt::join(command_names(command), ", "));
    }
    const std::string hint = name == "--kernel" ? forgotten_kernel(command) : "";
    return shown_name(command, name) + (name == "--kernel" ? " is required" : " is missing") + hint;
}

/// CLI11's message without its full stop, its list of an option's words and its turns of phrase.
std::string reworded(std::string message) {
    while (!message.empty() && (message.back() == '\n' || message.back() == '.')) {
        message.pop_back();
    }
    if (const std::size_t at = message.find(":{"); at != std::string::npos) {
        message.erase(at, message.find('}', at) + 1 - at);
    }
    constexpr std::string_view kConversion = "Could not convert: ";
    if (message.starts_with(kConversion)) {
        message = "'" + message.substr(kConversion.size()) + "' is not understood";
    }
    return message;
}

}  // namespace

const CLI::App& named_command(const CLI::App& app) {
    const CLI::App* named = &app;
    while (!named->get_subcommands().empty()) named = named->get_subcommands().front();
    return *named;
}

std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App& named = named_command(app);
    std::string message = reworded(error.what());
    if (const auto word = left_over(named)) {
        message = *word;
    } else if (const auto early = too_early(app, named)) {
        message = *early;
    } else if (message.ends_with(" is required")) {
        message = missing(named, message);
    }
    return message + ", see " + outline_of(named).path + " --help";
}

std::optional<std::string> unknown_command(const CLI::App& app) {
    const CLI::App& named = named_command(app);
    if (command_names(named).empty()) return std::nullopt;
    for (const std::string& word : named.remaining()) {
        if (!is_option(word)) {
            return unknown_command_words(named, word) + ", see " + outline_of(named).path +
                   " --help";
        }
    }
    return std::nullopt;
}

std::vector<std::string> with_help_words_as_options(std::vector<std::string> arguments) {
    if (arguments.empty()) return arguments;
    if (arguments.front() == "version" && arguments.size() == 1) return {"--version"};
    if (arguments.front() == "help") {
        arguments.erase(arguments.begin());
        arguments.push_back("--help");
    }
    return arguments;
}

}  // namespace conv
