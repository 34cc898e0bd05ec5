#pragma once

#include <functional>
#include <string>
#include <vector>

#include "filtering/filter_job.hpp"
#include "pipeline/filter.hpp"
#include "results/filter_report.hpp"

namespace conv {

/// What became of one file.
struct FileReport {
    std::vector<std::string> outputs;
    InputSummary input;
    FilterSettings settings;  ///< as applied: the depth decided
    FilterReport filter;
    FileSeconds seconds;
    std::vector<std::string> notes;  ///< one line each: what the formats could not carry, ...
};

/// Filters the picture `input` into the file or files that `output` names ({k}, {page}). All
/// outputs appear together, complete, or none does; `before_commit` (may be empty) is called when
/// all that can be checked has been, and what it throws keeps the outputs from appearing. Prints
/// nothing. Throws Error as read_image, OutputPlan, filter_pages and OutputFiles do. Thread-safe.
FileReport filter_file(const std::string& input, const std::string& output, const FilterJob& job,
                       const std::function<void(const FileReport&)>& before_commit = {});

}  // namespace conv
