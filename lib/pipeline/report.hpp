#pragma once

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conv/planner.hpp"
#include "pipeline/settings.hpp"
#include "tensor/convert.hpp"

namespace conv {

class PageFilter;
struct Tally;

/// One kernel of a chain, for -v and --json.
struct StepReport {
    std::string problem, method, device;
};

/// What a filtering did, for -v and --json.
struct FilterReport {
    std::string problem;  ///< text form, of the first page
    Choice choice;        ///< method, reason, what else was considered
    int threads = 1;
    std::int64_t workspace_bytes = 0;  ///< of all threads
    Lost lost;                         ///< values outside the integer depth, after rounding
    std::int64_t values = 0;           ///< result values in all, copied ones not counted
    std::optional<AlphaRule> alpha;    ///< the rule applied; absent without alpha
    std::optional<std::pair<double, double>> rescaled_from;  ///< the values that became 0 and white
    std::optional<DeviceTimes> device_times;  ///< of all pages; absent on the processor
    std::string fallback;  ///< why the processor replaced the device that was chosen; else empty
    std::vector<std::string> decisions;  ///< one line each
    std::vector<StepReport> steps;       ///< of a chain; empty for one kernel
};

/// What the threads of a filtering gathered, together.
struct Totals {
    Lost lost;
    double least = std::numeric_limits<double>::infinity();
    double greatest = -std::numeric_limits<double>::infinity();

    void add(const std::vector<Tally>& tallies);
    /// The values that --range rescale makes 0 and white.
    std::pair<double, double> extremes() const;
};

/// Appends the page's decisions, and what else a report says of the first page.
void describe_first_page(const PageFilter& filter, FilterReport& report);

/// The -v line about padding: its rule by name, its numbers, and the border.
std::string padding_decision(const Problem& problem, const FilterSettings& settings);

}  // namespace conv
