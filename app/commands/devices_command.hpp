#pragma once

#include <iosfwd>

namespace CLI {
class App;
}

namespace conv {

/// Adds `devices`: what can compute here, with which libraries, and why the rest cannot.
void add_devices_command(CLI::App& app, std::ostream& out);

}  // namespace conv
