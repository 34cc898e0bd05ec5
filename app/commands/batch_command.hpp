#pragma once

#include <iosfwd>

namespace CLI {
class App;
}

namespace conv {

/// `batch`: filters many pictures, with resuming, shards and a report.
void add_batch_command(CLI::App& app, std::ostream& out, std::ostream& err);

}  // namespace conv
