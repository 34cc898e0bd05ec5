#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conv/device.hpp"

namespace conv {

/// Budgets that a choice must keep.
struct Limits {
    int threads = 0;                         ///< 0 = all cores
    std::optional<std::int64_t> max_memory;  ///< bytes for everything a run books
    std::int64_t memory_in_use = 0;          ///< bytes of max_memory that pictures already take
    std::int64_t pictures = 1;               ///< how often the problem is solved by one BlockLoop
    std::int64_t pages = 1;  ///< how many such calls there are: they share a device's start-up
    SumsPlace sums = SumsPlace::result;
};

/// The threads with which a plan keeps the budget: all that would be busy, or as many as fit; 0
/// where not even one does.
int fitting_threads(const Memory& memory, const Problem& problem, const Limits& limits);

/// What became of one method when the planner looked at it.
struct Candidate {
    std::string method;
    std::string rejection;                 ///< empty: it could run
    double seconds = 0;                    ///< predicted, on one thread or of the device
    std::int64_t workspace_bytes = 0;      ///< predicted, memory_bytes of its fitting_threads
    std::string device = {};               ///< empty: the only one asked for
    std::optional<DeviceCost> parts = {};  ///< of `seconds`; absent on the processor
};

/// A predicted time in the unit that suits it: "under 1 us", "12.3 us", "4.56 ms", "1.2 s".
std::string predicted_words(double seconds);

/// "(ms: start-up 300, upload 1, compute 5, download 1)"; empty for the processor's.
std::string describe_parts(const std::optional<DeviceCost>& parts);

struct Choice {
    const Method* method = nullptr;  ///< points into the device
    std::string reason;              ///< one line: why this one
    std::vector<Candidate> candidates;
    const Device* device = nullptr;  ///< set by choose_device, which this belongs to then
    Offer offer;                     ///< of the method
};

/// Picks the method called `name`, or the cheapest that can run for "auto". A method keeps the
/// budget if one thread does, so that the choice does not depend on the number of threads; each
/// method is asked once. Throws Error{usage} with the method's reason when the named one
/// cannot run, Error{memory} with the predicted size when it would exceed the budget, Error{usage}
/// for an unknown name.
Choice choose_method(const Device& device, const std::string& name, const Problem& problem,
                     const Weights& weights, const Limits& limits);

}  // namespace conv
