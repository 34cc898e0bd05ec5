#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compare/subject.hpp"
#include "conv/device.hpp"
#include "timing/timing.hpp"

namespace conv {

/// What to measure, and how.
struct CompareRules {
    /// Those of each device that has them; empty: all that can run cheaply.
    std::vector<std::string> methods;
    std::vector<int> threads;
    TimingRules timing;
    bool repeats_given = false;       ///< else a slow method is timed once
    std::optional<double> tolerance;  ///< absolute error allowed, in place of the bound
    std::optional<std::int64_t> max_memory;
    bool keep_difference = false;
    std::function<bool()> stopped;                           ///< asked often
    std::function<void(const std::string& doing)> progress;  ///< told before each step
};

/// One method with one number of threads.
struct MethodResult {
    std::string method;
    std::string device = "cpu";
    int threads = 1;
    std::string refusal;  ///< why it was not run; all below is then empty
    bool ran = false;     ///< false also where the comparison was stopped before
    double error_factor = 1;
    Summary time;  ///< seconds of all pictures; count 0: not timed yet
    /// Medians of what the device reports for each run; strips in flight together delay each other,
    /// so that their sum may exceed `time`. Absent on the processor.
    std::optional<DeviceTimes> device_times;
    double prepare_seconds = 0;
    double predicted_seconds = 0;                ///< a device's start-up is not counted
    std::int64_t workspace_bytes = 0;            ///< as booked, all threads; on a device the most
    std::int64_t predicted_bytes = 0;            ///< what the method said it would book
    std::optional<std::int64_t> measured_bytes;  ///< growth of the process's peak
    double largest_error = 0, mean_error = 0;    ///< before rounding, in the sample's units
    double allowed_error = 0;
    double error_ratio = 0;  ///< above 1: outside the bound

    bool outside() const { return ran && !(error_ratio <= 1); }
    /// "gemm" on the processor, "opencl:0 gemm" on a device.
    std::string label() const { return device == "cpu" ? method : device + " " + method; }
};

struct Comparison {
    std::string problem;
    std::string automatic;        ///< label of the method that apply would take; empty: none
    double macs = 0, pixels = 0;  ///< output pixels, each counted once for all its channels
    std::int64_t output_width = 0;
    std::string verification;  ///< what results were held against
    std::string reference;     ///< whose sums differences are taken from
    std::vector<MethodResult> results;
    bool interrupted = false;
    /// The largest |difference| of any method from the reference at each output pixel, P x Q.
    std::vector<float> difference;

    /// Of the other methods with as many threads as `result` the one that took least time.
    const MethodResult* fastest_other(const MethodResult& result) const;
};

/// Runs, checks and times the methods of the devices on one subject, all against the definition on
/// `processor`. A method that cannot run is a result with a refusal.
Comparison compare_methods(std::span<const Device> devices, const Device& processor,
                           const Subject& subject, const CompareRules& rules);

}  // namespace conv
