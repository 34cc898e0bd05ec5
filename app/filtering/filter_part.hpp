#pragma once

#include <functional>
#include <string>

#include "filtering/filter_file.hpp"
#include "options/run_identity.hpp"
#include "shards/shard.hpp"

namespace conv {

/// One part of a picture, and the run that it belongs to.
struct PartOrder {
    std::string input, output;  ///< the whole ones
    Shard shard;
    RunIdentity identity;
};

/// Filters one part of the picture `order.input` into OUTPUT.part-I-of-N: a run of its rows, made
/// of whole strips or tiles of the format, on every page by one rule. Method, blocks and cuts are
/// planned for the whole picture, without regard to the memory limit, which only refuses. The
/// parts together, joined by join_parts(), are byte for byte what filter_file() writes.
/// `before_commit` as in filter_file(). Throws Error{unsupported} for formats that are not read and
/// written by rows in any order, several outputs, and `--range rescale`.
FileReport filter_part(const PartOrder& order, const FilterJob& job,
                       const std::function<void(const FileReport&)>& before_commit = {});

}  // namespace conv
