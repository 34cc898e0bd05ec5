#pragma once

#include <string>
#include <vector>

#include "compare/comparison_report.hpp"
#include "drawing/canvas.hpp"

namespace conv {

/// What a chart says about where its figures come from.
struct ChartCaption {
    std::string title;    ///< the input and the kernel
    std::string machine;  ///< processor and threads
};

/// Two charts side by side, time and memory of each method that ran: the bytes of the file that
/// the path's extension asks for. One dot for each number of threads.
std::string draw_comparison(const std::string& path, const SweepStep& step,
                            const ChartCaption& caption, Ground ground = Ground::white);

/// Time against the kernel's size, both logarithmic, one line with its own marker for each method
/// and number of threads.
std::string draw_sweep(const std::string& path, const std::vector<SweepStep>& steps,
                       const ChartCaption& caption, Ground ground = Ground::white);

}  // namespace conv
