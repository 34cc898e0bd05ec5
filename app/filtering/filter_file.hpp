#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "filtering/filter_job.hpp"
#include "filtering/filter_volume.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/stages.hpp"
#include "results/filter_report.hpp"

namespace conv {

/// What one of several filterings that run at the same time may take of --max-memory.
struct MemoryShare {
    std::int64_t base = 0;  ///< what the process holds besides all of them
    std::int64_t most = 0;  ///< base and this filtering
};

/// Which picture becomes which file or files.
struct FileOrder {
    std::string input, output;
    /// Absent: all of --max-memory. It decides how high bands are, but not by which method: where
    /// it is too little for the method that all would choose, Error{memory} is thrown.
    std::optional<MemoryShare> share = {};
};

/// What became of one file.
struct FileReport {
    std::vector<std::string> outputs;
    std::optional<MemoryShare> share;  ///< that was kept
    InputSummary input;
    FilterSettings settings;           ///< as applied: the depth decided
    std::vector<FilterStage> stages;   ///< that make the result
    std::optional<VolumePlan> volume;  ///< of which they are, with --volume
    FilterReport filter;
    FileSeconds seconds;
    std::vector<std::string> ignored;  ///< options without effect on this file; also notes
    std::string lost_line;  ///< of values lost to clamping, as lost_values_line; one of the notes
    std::vector<std::string> notes;  ///< one line each: what the formats could not carry, ...
};

/// Filters the picture `order.input` into the file or files that `order.output` names ({k},
/// {page}). All outputs appear together, complete, or none does; `before_commit` (may be empty) is
/// called when all that can be checked has been, and what it throws keeps the outputs from
/// appearing. Prints nothing. Throws Error as read_image, OutputPlan, filter_pages and OutputFiles
/// do. Thread-safe.
FileReport filter_file(const FileOrder& order, const FilterJob& job,
                       const std::function<void(const FileReport&)>& before_commit = {});

}  // namespace conv
