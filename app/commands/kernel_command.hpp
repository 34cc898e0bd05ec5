#pragma once

#include <iosfwd>

namespace CLI {
class App;
}

namespace conv {

/// Declares `kernel` with `list`, `show NAME`, `convert KERNEL OUT` and `check FILE...`.
void add_kernel_command(CLI::App& app, std::ostream& out, std::ostream& err);

}  // namespace conv
