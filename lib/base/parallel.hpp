#pragma once

#include <cstdint>
#include <functional>

namespace conv {

/// Number of hardware threads this process may use (its CPU affinity), at least 1.
int hardware_threads();

/// Calls `body(index, worker)` once for each index in [0, count), on up to `threads` threads
/// (0 = all cores). `worker` is in [0, threads) and no two calls with the same worker run at the
/// same time, so it can pick a private workspace. Which worker gets which index is not defined:
/// results must not depend on it. The first exception of a body is rethrown here.
void parallel_for(std::int64_t count, int threads,
                  const std::function<void(std::int64_t index, int worker)>& body);

/// What ordered_pipeline does with each piece of work, in three steps.
struct PipelineSteps {
    std::function<void(std::int64_t index, int slot)> begin;
    std::function<void(std::int64_t index, int slot, int worker)> work;
    std::function<void(std::int64_t index, int slot)> end;
};

/// For each index in [0, count): begin(), then work(), then end(). Indices begin in order, one at a
/// time, and end in order, one at a time; work() runs on up to `threads` threads (0 = all cores),
/// as do the two others. At most `slots` indices are between begin() and the end of end(); no two
/// of them have the same slot = index % slots. The first exception is rethrown here; nothing begins
/// or ends after it.
void ordered_pipeline(std::int64_t count, int threads, int slots, const PipelineSteps& steps);

/// The number of workers that parallel_for uses for a request (0 = all cores).
int resolve_threads(int threads);

}  // namespace conv
