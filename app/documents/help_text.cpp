#include "documents/help_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "text/wrapping.hpp"

namespace conv {
namespace {

constexpr std::size_t kWidest = 80, kNarrowest = 40, kWidestHeading = 24;

struct Entry {
    std::string heading, text;
};

/// Headings at the left, texts in a column of their own; a heading too wide has its own line.
std::string entries_text(const std::string& title, const std::vector<Entry>& entries,
                         std::size_t column, std::size_t width) {
    std::string text = title.empty() ? "\n" : fmt::format("\n{}:\n", title);
    for (const auto& [heading, summary] : entries) {
        text += "  " + heading;
        std::size_t at = heading.size() + 2;
        for (const std::string& line : wrapped(summary, width - column)) {
            if (at + 2 > column) {
                text += '\n';
                at = 0;
            }
            text += std::string(column - at, ' ') + line;
            at = column;
        }
        text += '\n';
    }
    return text;
}

std::vector<Entry> group_entries(const CommandOutline& command, const std::string& group) {
    std::vector<Entry> entries;
    for (const OptionOutline& option : command.options) {
        if (option.group == group) entries.push_back({option_heading(option), option_text(option)});
    }
    return entries;
}

std::vector<Entry> subcommand_entries(const CommandOutline& command) {
    std::vector<Entry> entries;
    for (const CommandOutline& sub : command.subcommands)
        entries.push_back({sub.name, sub.summary});
    return entries;
}

}  // namespace

std::string help_text(const CommandOutline& command, std::optional<std::size_t> width) {
    const std::size_t room = std::clamp(width.value_or(kWidest), kNarrowest, kWidest);
    std::vector<std::pair<std::string, std::vector<Entry>>> blocks;
    const std::vector<std::string> groups = option_groups(command);
    if (!command.subcommands.empty()) blocks.emplace_back("Commands", subcommand_entries(command));
    for (const std::string& group : groups)
        blocks.emplace_back(group, group_entries(command, group));

    std::size_t widest = 0;
    for (const auto& [title, entries] : blocks) {
        for (const Entry& entry : entries) {
            if (entry.heading.size() <= kWidestHeading)
                widest = std::max(widest, entry.heading.size());
        }
    }
    std::string text = fmt::format(
        "{}\n\nUsage: {}\n", fmt::join(wrapped(command.summary, room), "\n"), usage_line(command));
    for (const auto& [title, entries] : blocks)
        text += entries_text(title, entries, widest + 4, room);
    if (!command.subcommands.empty())
        text += fmt::format("\n{} COMMAND --help says more.\n", command.path);
    for (const std::string& example : command.examples) {
        const bool first = &example == &command.examples.front();
        text += (first ? "\nExample: " : "         ") + example + '\n';
    }
    for (const std::string& note : command.notes)
        text += fmt::format("{}{}\n", &note == &command.notes.front() ? "\n" : "",
                            fmt::join(wrapped(note, room), "\n"));
    return text;
}

}  // namespace conv
