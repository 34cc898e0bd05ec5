#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace conv {

/// The built-in kernels for people: each with its summary, an example with its defaults, and a line
/// for each parameter: meaning, range or words; in lines of `width` letters, 80 at most.
std::string builtin_list_text(std::optional<std::size_t> width = std::nullopt);

/// "1 to 4095", "0 to 360", "x, y, e, ...": what a parameter takes.
struct BuiltinParameter;
std::string range_text(const BuiltinParameter& parameter);

}  // namespace conv
