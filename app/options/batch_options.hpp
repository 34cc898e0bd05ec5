#pragma once

#include <string>
#include <vector>

#include "options/filter_options.hpp"
#include "options/output_options.hpp"
#include "options/shard_options.hpp"

namespace conv {

/// The options of `batch`, as typed.
struct BatchOptions {
    FilterOptions filter;
    OutputOptions output;
    std::vector<std::string> inputs;
    std::string pattern;
    bool recursive = false;
    std::vector<std::string> match, lists;
    bool in_place = false;

    bool resume = false, stop_on_error = false, dry_run = false;
    std::string progress = "auto", report;
    bool merge_reports = false;
    ShardOptions shard;
};

/// Declares all of them on the subcommand.
void add_batch_options(CLI::App& command, BatchOptions& options);

}  // namespace conv
