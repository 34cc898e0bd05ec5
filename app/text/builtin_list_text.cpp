#include "text/builtin_list_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "kernels/builtin.hpp"

namespace conv {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kNames = 16;  ///< column where the texts begin

/// The text in lines of at most kWidth - indent letters, all but the first indented.
std::string wrapped(const std::string& text, std::size_t indent) {
    std::string lines;
    std::size_t used = indent;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (used > indent && used + 1 + end - at > kWidth) {
            lines += '\n' + std::string(indent, ' ');
            used = indent;
        }
        if (used > indent) {
            lines += ' ';
            ++used;
        }
        lines.append(text, at, end - at);
        used += end - at;
        at = end + 1;
    }
    return lines;
}

}  // namespace

std::string range_text(const BuiltinParameter& parameter) {
    std::vector<std::string> takes;
    for (const BuiltinWord& word : parameter.words) takes.push_back(word.word);
    // Numbers stand behind the words.
    if (parameter.words.empty()) {
        std::string range = fmt::format("{:g} to {:g}", parameter.minimum, parameter.maximum);
        if (parameter.step == 1) range += ", whole";
        if (parameter.step > 1) range += fmt::format(" in steps of {:g}", parameter.step);
        takes.push_back(std::move(range));
    }
    return fmt::format("{}", fmt::join(takes, ", "));
}

std::string builtin_list_text() {
    std::string text;
    for (const Builtin& builtin : builtin_kernels()) {
        text += fmt::format("{:<{}}{}\n", builtin.name, kNames, builtin.summary);
        for (const BuiltinParameter& parameter : builtin.parameters) {
            const std::string about = fmt::format("{}: {} (default {})", parameter.summary,
                                                  range_text(parameter), parameter.default_text);
            text += fmt::format("  {:<{}}{}\n", parameter.name, kNames - 2, wrapped(about, kNames));
        }
    }
    return text +
           "\nParameters follow the name: gaussian:sigma=2,size=9. conv-cli kernel show NAME "
           "prints "
           "one.\n";
}

}  // namespace conv
