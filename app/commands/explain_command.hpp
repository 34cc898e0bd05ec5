#pragma once

#include <iosfwd>

namespace CLI {
class App;
}

namespace conv {

/// Adds `explain`: what filtering would do and why, and the matrices themselves where they are
/// small.
void add_explain_command(CLI::App& app, std::ostream& out, std::ostream& err);

}  // namespace conv
