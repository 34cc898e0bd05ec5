#pragma once

#include <string>
#include <vector>

namespace conv {

/// The records of several --report files as one.
struct MergedReports {
    std::vector<std::string> lines;  ///< by index: one for each picture
    std::int64_t done = 0, skipped = 0, failed = 0;
    std::int64_t torn = 0;  ///< lines that are no records: those of killed processes
};

/// Keeps one record a picture: a done one before a skipped, a skipped before a failed one, and of
/// equals the last that was read. Throws Error{input} for a file that cannot be read.
MergedReports merge_reports(const std::vector<std::string>& paths);

}  // namespace conv
