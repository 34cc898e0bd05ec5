#pragma once

#include <iosfwd>

namespace CLI {
class App;
}

namespace conv {

/// Declares `apply`: filters one image into another (or into several, numbered by {k} and {page}).
void add_apply_command(CLI::App& app, std::ostream& out, std::ostream& err);

}  // namespace conv
