#pragma once

#include <mutex>

namespace conv {

/// FFTW's planners are not thread-safe, and share state; executing plans is.
std::mutex& fftw_planner_mutex();

}  // namespace conv
