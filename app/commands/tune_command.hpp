#pragma once

#include <iosfwd>

namespace CLI {
class App;
}

namespace conv {

/// `conv-cli tune`: measures this machine and stores its profile.
void add_tune_command(CLI::App& app, std::ostream& out);

}  // namespace conv
