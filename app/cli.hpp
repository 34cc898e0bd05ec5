#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "documents/command_outline.hpp"

namespace conv {

/// Runs conv-cli with the arguments after the program's name. Documents and help go to `out`, talk
/// and errors to `err`; pictures go to files or file descriptor 1. Returns the exit code: 0 done, 1
/// it failed, 2 wrong usage or a bad kernel. Never throws.
int run_cli(std::vector<std::string> arguments, std::ostream& out, std::ostream& err);

/// Every command and option that run_cli knows.
CommandOutline command_line_outline();

}  // namespace conv
