#pragma once

#include <iosfwd>

namespace CLI {
class App;
}

namespace conv {

/// Declares `join`: makes one file of the parts that `apply --shard` has made.
void add_join_command(CLI::App& app, std::ostream& err);

}  // namespace conv
