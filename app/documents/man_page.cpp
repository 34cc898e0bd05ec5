#include "documents/man_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

#include "documents/man_sections.hpp"

namespace conv {
namespace {

constexpr std::array kEscapes = {std::pair{'\\', "\\e"},   std::pair{'-', "\\-"},
                                 std::pair{'\'', "\\(aq"}, std::pair{'"', "\\(dq"},
                                 std::pair{'^', "\\(ha"},  std::pair{'~', "\\(ti"},
                                 std::pair{'`', "\\(ga"}};

/// Text that roff shows as it is: no escapes, real minus signs, no request at the start of a line.
std::string roff(const std::string& text) {
    std::string escaped = text.starts_with('.') ? "\\&" : "";
    for (const char c : text) {
        const auto found = std::find_if(kEscapes.begin(), kEscapes.end(),
                                        [c](const auto& escape) { return escape.first == c; });
        if (found == kEscapes.end()) {
            escaped += c;
        } else {
            escaped += found->second;
        }
    }
    return escaped;
}

/// "\fB\-k\fR, \fB\-\-kernel\fR \fIK\fR".
std::string roff_heading(const OptionOutline& option) {
    std::string names;
    for (const std::string& name : option.names)
        names += (names.empty() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
    if (option.value.empty()) return names;
    return names + (names.empty() ? "\\fI" : " \\fI") + roff(option.value) + "\\fR";
}

std::string entry_text(const OptionOutline& option) {
    return fmt::format(".TP\n{}\n{}\n", roff_heading(option), roff(option_text(option)));
}

/// The options of a group but --help, which every command has.
std::string group_text(const CommandOutline& command, const std::string& group) {
    std::string text;
    for (const OptionOutline& option : command.options) {
        const bool help = !option.names.empty() && option.names.back() == "--help";
        if (option.group == group && !help) text += entry_text(option);
    }
    return text;
}

std::string section_text(const ManSection& section) {
    std::string text = fmt::format(".SH {}\n", section.title);
    for (const std::string& paragraph : section.paragraphs) {
        text += (&paragraph == &section.paragraphs.front() ? "" : ".PP\n") + roff(paragraph) + '\n';
    }
    for (const ManEntry& entry : section.entries)
        text += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(entry.head), roff(entry.text));
    return text;
}

std::string examples_text(const CommandOutline& command) {
    std::string text;
    for (const std::string& example : command.examples) text += roff(example) + '\n';
    for (const CommandOutline& sub : command.subcommands) text += examples_text(sub);
    return text;
}

/// Writes the commands one after the other, and remembers the groups of options that were written.
class CommandSections {
public:
    void add(const CommandOutline& command) {
        text_ += fmt::format(".SS {}\n{}.\n.PP\n", roff(command.path), roff(command.summary));
        text_ += fmt::format(".B {}\n", roff(usage_line(command)));
        for (const std::string& group : option_groups(command)) add_group(command, group);
        for (const std::string& note : command.notes) text_ += ".PP\n" + roff(note) + '\n';
        for (const CommandOutline& sub : command.subcommands) add(sub);
    }
    const std::string& text() const { return text_; }

private:
    void add_group(const CommandOutline& command, const std::string& group) {
        const std::string options = group_text(command, group);
        if (options.empty()) return;
        const bool titled = !group.empty() && group != kGeneralGroup;
        const auto [known, is_new] = first_command_.emplace(options, command.path);
        if (is_new) {
            text_ += (titled ? fmt::format(".PP\n{}:\n", roff(group)) : "") + options;
        } else {
            text_ += fmt::format(".PP\n{}: as for\n.BR \"{}\" .\n",
                                 titled          ? roff(group)
                                 : group.empty() ? "Arguments"
                                                 : "Options",
                                 roff(known->second));
        }
    }

    std::string text_;
    std::map<std::string, std::string> first_command_;  ///< of options, as written
};

}  // namespace

std::string man_page(const CommandOutline& program, const std::string& version) {
    std::string summary = program.summary.substr(0, program.summary.find_last_not_of('.') + 1);
    summary.front() = static_cast<char>(std::tolower(summary.front()));
    std::string text =
        fmt::format(".TH CONV\\-CLI 1 \"\" \"conv\\-cli {}\" \"User Commands\"\n", roff(version));
    text += fmt::format(".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n", roff(program.name), roff(summary));
    text += fmt::format(".B {}\n.br\n", roff(program.path + " COMMAND [OPTIONS] ..."));
    text += section_text(man_description());
    text += ".SH COMMANDS\n";
    CommandSections sections;
    for (const CommandOutline& command : program.subcommands) sections.add(command);
    text += sections.text();
    text += ".SH OPTIONS\n";
    for (const OptionOutline& option : program.options) text += entry_text(option);
    for (const ManSection& section : man_background()) text += section_text(section);
    text += ".SH EXIT STATUS\n";
    for (const std::string& note : program.notes) text += roff(note) + '\n';
    text += ".SH EXAMPLES\n.EX\n" + examples_text(program) + ".EE\n";
    return text;
}

}  // namespace conv
