#include "options/run_identity.hpp"

#include <set>
#include <span>

#include "batch/content_hash.hpp"
#include "options/given_options.hpp"

namespace conv {

/// Options that change where, when and how fast, but not what a picture becomes. The kernel has a
/// hash of its own, and the pattern is in each output's name.
RunIdentity identity_of(const CLI::App& command, const std::vector<Bank>& banks) {
    static const std::set<std::string> without = {
        "kernel", "then",       "kernel-format", "threads",       "max-memory", "max-pixels",
        "verify", "overwrite",  "no-overwrite",  "sync",          "verbose",    "quiet",
        "json",   "output",     "recursive",     "match",         "from-file",  "in-place",
        "resume", "keep-going", "stop-on-error", "dry-run",       "progress",   "report",
        "shard",  "shards",     "shard-base",    "merge-reports", "spool"};
    ContentHash options, kernel;
    for (const std::string& option : given_options(command, without)) options.add(option + '\n');
    for (const Bank& bank : banks) {
        kernel.add_number(std::int64_t{bank.each_channel});
        for (const std::int64_t size :
             {bank.K, bank.C, bank.R, bank.S, bank.anchor.x, bank.anchor.y})
            kernel.add_number(size);
        kernel.add_numbers(std::span(bank.values)).add_numbers(std::span(bank.bias));
    }
    return {options.text(), kernel.text(), CONV_VERSION};
}

}  // namespace conv
