#pragma once

#include <string>

#include "documents/command_outline.hpp"

namespace conv {

/// Completions of a program's commands, options, words and files, for the shell of that name. None
/// runs the program or needs anything beside the shell.
std::string bash_completion(const CommandOutline& program);
std::string fish_completion(const CommandOutline& program);
std::string zsh_completion(const CommandOutline& program);

}  // namespace conv
