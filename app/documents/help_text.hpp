#pragma once

#include <string>

#include "documents/command_outline.hpp"

namespace conv {

/// What `--help` prints for a command: usage, arguments, groups of options, commands, examples. At
/// most 80 columns wide, but for examples.
std::string help_text(const CommandOutline& command);

}  // namespace conv
