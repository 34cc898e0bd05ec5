#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "documents/command_outline.hpp"

namespace conv {

/// What `--help` prints for a command: usage, arguments, groups of options, commands, examples. At
/// most 80 columns wide, or `width` where that is less, but for examples.
std::string help_text(const CommandOutline& command,
                      std::optional<std::size_t> width = std::nullopt);

}  // namespace conv
