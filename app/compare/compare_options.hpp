#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drawing/canvas.hpp"
#include "options/filter_options.hpp"

namespace conv {

/// The options of `compare` as typed.
struct CompareOptions {
    FilterOptions filter;
    std::vector<std::string> methods;
    std::vector<int> threads;
    int repeats = 5, warmups = 1;
    bool repeats_given = false;
    std::optional<double> tolerance;
    std::string sweep, plot, write, difference, input;
    bool json = false, csv = false, quiet = false;
    Ground ground = Ground::white;  ///< of drawings
};

/// Declares all of them, and INPUT, on the subcommand.
void add_compare_options(CLI::App& command, CompareOptions& options);

}  // namespace conv
