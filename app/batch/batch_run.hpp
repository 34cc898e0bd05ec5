#pragma once

#include <functional>
#include <optional>

#include "batch/batch_plan.hpp"
#include "batch/batch_record.hpp"
#include "batch/manifest.hpp"
#include "filtering/filter_job.hpp"

namespace conv {

/// How a batch's pictures are worked on.
struct BatchRun {
    const FilterJob& job;
    Manifest* manifest = nullptr;  ///< null: none is written
    bool skip_made = false;        ///< those that the manifest holds
    bool stop_on_error = false;    ///< begin no other picture after the first failure
    int at_once = 1;               ///< pictures under way together
    std::optional<std::int64_t> max_memory = {};  ///< of all of them
};

/// Filters every item of the plan, `run.at_once` at a time, and calls `finished` with what became
/// of each, one call at a time, in no certain order; the manifest's line is written before. A
/// picture's failure is a record, not an exception. Throws what `finished` and the manifest throw.
void run_batch(const BatchPlan& plan, const BatchRun& run,
               const std::function<void(const BatchRecord&)>& finished);

}  // namespace conv
