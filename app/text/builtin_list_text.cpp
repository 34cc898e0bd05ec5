#include "text/builtin_list_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "kernels/builtin.hpp"
#include "text/wrapping.hpp"

namespace conv {
namespace {

constexpr std::size_t kWidest = 80;
constexpr std::size_t kNames = 16;  ///< column where the texts begin

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

std::string builtin_list_text(std::optional<std::size_t> width) {
    const std::size_t room = std::clamp(width.value_or(kWidest), 2 * kNames, kWidest) - kNames;
    const std::string indent = '\n' + std::string(kNames, ' ');
    std::string text;
    for (const Builtin& builtin : builtin_kernels()) {
        text += fmt::format("{:<{}}{}\n", builtin.name, kNames,
                            fmt::join(wrapped(builtin.summary, room), indent));
        for (const BuiltinParameter& parameter : builtin.parameters) {
            const std::string about = fmt::format("{}: {} (default {})", parameter.summary,
                                                  range_text(parameter), parameter.default_text);
            text += fmt::format("  {:<{}}{}\n", parameter.name, kNames - 2,
                                fmt::join(wrapped(about, room), indent));
        }
    }
    constexpr const char* kEnd =
        "Parameters follow the name: gaussian:sigma=2,size=9. conv-cli kernel show NAME prints "
        "one.";
    return text + fmt::format("\n{}\n", fmt::join(wrapped(kEnd, room + kNames), "\n"));
}

}  // namespace conv
