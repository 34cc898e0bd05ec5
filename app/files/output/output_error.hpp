#pragma once

#include <string>

namespace conv {

/// Throws Error{input}: "NAME: cannot be written DOING: " and what errno says.
[[noreturn]] void cannot_write(const std::string& name, const char* doing = "");

}  // namespace conv
