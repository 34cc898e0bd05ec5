#include "kernels/builtin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/nearest_name.hpp"
#include "base/words.hpp"
#include "kernels/source_text.hpp"

namespace conv {
namespace {

using Values = std::map<std::string, std::optional<double>>;

bool is_name_character(char c) {
    return is_letter(c) || is_digit(c) || c == '-';
}

bool is_name(std::string_view text) {
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), is_name_character);
}

const Builtin* find_builtin(std::string_view name) {
    const auto& table = builtin_kernels();
    const auto found = std::find_if(table.begin(), table.end(),
                                    [name](const Builtin& entry) { return entry.name == name; });
    return found == table.end() ? nullptr : &*found;
}

const Builtin& known_builtin(std::string_view name) {
    const Builtin* found = find_builtin(name);
    if (found == nullptr) {
        fail(ErrorKind::usage, "unknown built-in kernel {}{}; 'conv-cli kernel list' shows all",
             quoted_token(name), nearest_name_hint(name, names_of(builtin_kernels())));
    }
    return *found;
}

std::string accepted_words(const BuiltinParameter& parameter) {
    std::string words;
    for (const BuiltinWord& word : parameter.words) words += ", " + word.word;
    if (parameter.default_text == "auto") words += ", auto";
    return words;
}

std::string accepted_numbers(const BuiltinParameter& parameter) {
    const std::string range = fmt::format("from {} to {}", parameter.minimum, parameter.maximum);
    if (parameter.step == 0) return "a number " + range;
    if (parameter.step == 1) return "a whole number " + range;
    return fmt::format("a number {} in steps of {}", range, parameter.step);
}

[[noreturn]] void refuse_value(const Builtin& builtin, const BuiltinParameter& parameter,
                               std::string_view text) {
    fail(ErrorKind::usage, "{}: {}={}; it takes {}{}", builtin.name, parameter.name,
         quoted_token(text), accepted_numbers(parameter), accepted_words(parameter));
}

/// The number that a text other than "auto" stands for; none where the parameter does not take it.
std::optional<double> number_of(const BuiltinParameter& parameter, std::string_view text) {
    for (const BuiltinWord& word : parameter.words) {
        if (word.word == text) return word.value;
    }
    const NumberReading reading = read_fraction(text);
    const bool in_range = reading.problem == nullptr && reading.value >= parameter.minimum &&
                          reading.value <= parameter.maximum;
    const double steps = (reading.value - parameter.minimum) / parameter.step;
    if (!in_range || (parameter.step > 0 && steps != std::floor(steps))) return std::nullopt;
    return reading.value;
}

bool is_automatic(const BuiltinParameter& parameter, std::string_view text) {
    return text == "auto" && parameter.default_text == "auto";
}

std::optional<double> read_value(const Builtin& builtin, const BuiltinParameter& parameter,
                                 std::string_view text) {
    if (is_automatic(parameter, text)) return std::nullopt;
    const std::optional<double> number = number_of(parameter, text);
    if (!number) refuse_value(builtin, parameter, text);
    return number;
}

const BuiltinParameter& known_parameter(const Builtin& builtin, std::string_view name) {
    const auto& all = builtin.parameters;
    const auto found = std::find_if(all.begin(), all.end(),
                                    [name](const BuiltinParameter& p) { return p.name == name; });
    if (found != all.end()) return *found;
    std::string known;
    for (const BuiltinParameter& parameter : all) known += " " + parameter.name;
    fail(ErrorKind::usage, "{}: unknown parameter {}{}; it takes{}", builtin.name,
         quoted_token(name), nearest_name_hint(name, names_of(all)),
         known.empty() ? " none" : known);
}

/// Reads "key=value,key=value" into the values given.
Values read_given(const Builtin& builtin, std::string_view text) {
    Values given;
    while (true) {
        const std::size_t end = std::min(text.find(','), text.size());
        const std::string_view item = trimmed(text.substr(0, end));
        const std::size_t equals = item.find('=');
        if (equals == std::string_view::npos) {
            fail(ErrorKind::usage, "{}: {} is not key=value, as in '{}:{}={}'", builtin.name,
                 quoted_token(item), builtin.name,
                 builtin.parameters.empty() ? "key" : builtin.parameters[0].name,
                 builtin.parameters.empty() ? "value" : builtin.parameters[0].default_text);
        }
        const BuiltinParameter& parameter =
            known_parameter(builtin, trimmed(item.substr(0, equals)));
        const auto value = read_value(builtin, parameter, trimmed(item.substr(equals + 1)));
        if (!given.emplace(parameter.name, value).second) {
            fail(ErrorKind::usage, "{}: '{}' is given twice", builtin.name, parameter.name);
        }
        if (end == text.size()) return given;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

bool takes_value(const BuiltinParameter& parameter, std::string_view text) {
    return is_automatic(parameter, text) || number_of(parameter, text);
}

bool is_builtin_reference(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return find_builtin(text) != nullptr;
    const std::string_view first = text.substr(colon + 1, text.find(',', colon) - colon - 1);
    return is_name(text.substr(0, colon)) && first.find('=') != std::string_view::npos;
}

std::vector<Kernel> make_builtin(std::string_view reference) {
    const std::size_t colon = std::min(reference.find(':'), reference.size());
    const Builtin& builtin = known_builtin(reference.substr(0, colon));
    Values values;
    if (colon < reference.size()) values = read_given(builtin, reference.substr(colon + 1));
    for (const BuiltinParameter& parameter : builtin.parameters) {
        if (!values.contains(parameter.name)) {
            values.emplace(parameter.name, read_value(builtin, parameter, parameter.default_text));
        }
    }
    std::vector<Kernel> kernels = builtin.make(BuiltinArguments(builtin.name, std::move(values)));
    for (Kernel& kernel : kernels) {
        kernel.format = "builtin";
        kernel.name = reference;
    }
    return kernels;
}

}  // namespace conv
