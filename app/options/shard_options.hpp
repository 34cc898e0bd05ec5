#pragma once

#include <optional>
#include <string>

#include "shards/shard.hpp"

namespace CLI {
class App;
}

namespace conv {

/// Declares --shard, --shards and --shard-base on a subcommand; `part` says what is cut.
void add_shard_options(CLI::App& command, ShardOptions& options, const std::string& part);

/// The part that they ask for, by this process's environment for auto; nothing without --shard.
/// Throws Error{usage} as read_shard, and for options that need --shard auto.
std::optional<Shard> asked_shard(const ShardOptions& options);

}  // namespace conv
