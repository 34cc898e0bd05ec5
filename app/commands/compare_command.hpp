#pragma once

#include <iosfwd>

namespace CLI {
class App;
}

namespace conv {

/// `compare`: runs the methods on one picture, checks and times them. The command's callback throws
/// Error; CLI::RuntimeError with code 130 after Ctrl-C, once what was measured is printed.
void add_compare_command(CLI::App& app, std::ostream& out, std::ostream& err);

}  // namespace conv
