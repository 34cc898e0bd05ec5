#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "batch/input_list.hpp"
#include "batch/output_pattern.hpp"
#include "shards/shard.hpp"

namespace conv {

/// One picture of a batch: what becomes of which file.
struct BatchItem {
    std::int64_t index = 0;  ///< in the whole list, from 0
    std::string input, output;
    std::string refusal;  ///< why the batch may not begin; empty: nothing speaks against it
};

/// What a whole batch would do.
struct BatchPlan {
    std::vector<BatchItem> items;  ///< of this process's part
    std::int64_t listed = 0;       ///< of all parts
    std::string folder;            ///< where the outputs and the manifest go; empty: in place
};

/// Plans this part of a batch; looks at every input of all parts. `pattern` absent: each output
/// replaces its input. A refusal is given to an item whose output another one has too, is an input
/// (its own only without `in_place`), lies outside the pattern's folder through a link, or would be
/// found by the search for inputs the next time.
BatchPlan plan_batch(const InputQuery& query, const std::vector<BatchInput>& inputs,
                     const std::optional<OutputPattern>& pattern, bool in_place,
                     const Shard& shard);

}  // namespace conv
