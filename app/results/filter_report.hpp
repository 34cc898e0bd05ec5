#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "pipeline/filter.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// What an input file was found to hold.
struct InputSummary {
    std::string format;
    PictureInfo first;  ///< of its pages
    std::int64_t pages = 1;
    std::vector<std::string> notes;  ///< what was done to its samples, for -v
};

/// Measured, each without what it waited for the others.
struct FileSeconds {
    double read = 0, filter = 0, write = 0;
    double wall = 0;  ///< of all, which may overlap
};

/// What a filtering did as one JSON object: input, outputs, kernels, problem, method and why,
/// threads, workspace, alpha, range, values lost.
nlohmann::ordered_json filter_json(const FilterReport& report, const FilterSettings& settings);

/// Every method that the planner looked at, with its prediction or the reason why it cannot run.
nlohmann::ordered_json candidates_json(const Choice& choice);

/// The share of values lost by clamping above which a line on stderr says so.
inline constexpr double kLostShareToMention = 0.01;

/// What that line depends on beside the report.
struct ClampedOutput {
    std::string path;           ///< named in the line
    bool holds_floats = false;  ///< its format does
    bool sums_to_one = false;   ///< every kernel: clipping is then usual, and -v alone says it
    bool sums_to_zero = false;  ///< a kernel: results are differences
};

/// That line, or nothing.
std::string lost_values_line(const FilterReport& report, const FilterSettings& settings,
                             const ClampedOutput& output);

/// The -v lines about what was read.
void write_input(std::ostream& err, const InputSummary& input);

/// The -v line about the seconds that were measured.
void write_seconds(std::ostream& err, const FileSeconds& seconds);

/// The -v lines about every decision taken and what came out.
void write_decisions(std::ostream& err, const FilterReport& report, const FilterSettings& settings);

}  // namespace conv
