#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace conv {

/// One of `count` parts of a list, or of a picture, that are worked on apart.
struct Shard {
    std::int64_t index = 1, count = 1;  ///< 1 <= index <= count
    std::string source;                 ///< for -v: which variables said so; empty for a number

    /// Whether the item at `position` (from 0) of a list belongs to this part: every count-th does,
    /// so that the parts are a partition for any count.
    bool takes(std::int64_t position) const { return position % count == index - 1; }
};

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// This process's own variables.
std::optional<std::string> environment_variable(const std::string& name);

/// The options that say which part is this process's.
struct ShardOptions {
    std::string shard;  ///< "I/N" or "auto"
    std::optional<std::int64_t>
        count;                         ///< --shards: for engines that do not say how many there are
    std::optional<std::int64_t> base;  ///< --shard-base: the first index of a Slurm array, 0 or 1
};

/// Reads "I/N", or the numbering of the engine that started this process: Slurm arrays, Open MPI,
/// PMI, AWS Batch arrays, Kubernetes indexed jobs, GNU parallel. Throws Error{usage} that names the
/// option or the variable: no number, out of range, a count that is missing, none or several
/// engines that do not agree.
Shard read_shard(const ShardOptions& options, const Environment& environment);

}  // namespace conv
