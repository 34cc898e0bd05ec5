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

/// The number of workers that parallel_for uses for a request (0 = all cores).
int resolve_threads(int threads);

}  // namespace conv
