#pragma once

#include <string>
#include <vector>

#include "contender.hpp"
#include "timing/timing.hpp"
#include "tuning/machine_limits.hpp"

namespace conv::bench {

/// What was measured of one contender.
struct Measurement {
    std::string name;
    Role role = Role::ours;
    Summary seconds;
    double prepare_seconds = 0;
    double predicted_seconds = 0;
    std::optional<std::int64_t> workspace_bytes;
    std::string note;
};

/// All measurements of one row with one number of threads, taken in the same rounds.
struct RowReport {
    BenchRow row;
    int threads = 1;
    double traffic_bytes = 0;
    std::vector<Measurement> measurements;
    std::vector<Refusal> refusals;
};

/// How many times as long as the best method of this project the one that `auto` chose takes, the
/// best runs of both compared; nothing where `auto` did not run.
std::optional<double> regret(const RowReport& report);

/// Lines that say where and with what the figures were taken.
struct Header {
    std::vector<std::pair<std::string, std::string>> facts;
    std::vector<MachineLimits> limits;  ///< one for each number of threads
};

Header make_header(const std::vector<int>& threads);

/// How results are written: a piece as soon as it is known, or everything at the end.
enum class Format { text, markdown, json };

std::string format_header(const Header& header, Format format);
std::string format_row(const RowReport& report, const MachineLimits& limits, Format format);
std::string format_json(const Header& header, const std::vector<RowReport>& reports);

}  // namespace conv::bench
