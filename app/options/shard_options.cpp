#include "options/shard_options.hpp"

#include <CLI/CLI.hpp>

#include "base/error.hpp"
#include "options/option_words.hpp"

namespace conv {

void add_shard_options(CLI::App& command, ShardOptions& o, const std::string& part) {
    command
        .add_option("--shard", o.shard,
                    "do " + part +
                        ", or auto: as Slurm arrays, mpirun (Open MPI, PMI), AWS Batch, Kubernetes "
                        "or GNU parallel number this process")
        ->type_name("I/N")
        ->check(offered_words({"auto"}, OtherValues::text))
        ->group("Shards");
    command.add_option("--shards", o.count, "how many parts, where --shard auto is not told")
        ->type_name("N")
        ->group("Shards");
    command
        .add_option("--shard-base", o.base,
                    "first number of a Slurm array that --shards counts: 0 or 1")
        ->type_name("B")
        ->group("Shards");
}

std::optional<Shard> asked_shard(const ShardOptions& options) {
    if (!options.shard.empty()) return read_shard(options, environment_variable);
    if (options.count || options.base) {
        fail(ErrorKind::usage, "{} goes with --shard auto alone",
             options.count ? "--shards" : "--shard-base");
    }
    return std::nullopt;
}

}  // namespace conv
