#pragma once

#include <string>

#include "documents/command_outline.hpp"

namespace conv {

/// The manual page conv-cli(1), in roff with the man macros: every command, argument and option. A
/// group of options that an earlier command has too is referred to, not repeated.
std::string man_page(const CommandOutline& program, const std::string& version);

}  // namespace conv
