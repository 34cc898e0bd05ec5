#pragma once

#include <string>

namespace conv {

/// What the machine can do at best, measured now.
struct MachineLimits {
    int threads = 1;
    double macs_per_second = 0;          ///< float32 multiply-adds, all threads together
    double copied_bytes_per_second = 0;  ///< bytes read plus bytes written by memcpy
    std::string simd_target;             ///< the vector instructions the multiply-adds used
};

/// Measures both with `threads` threads, about 0.2 s: independent multiply-adds on vector
/// registers, and memcpy between two buffers of 64 MiB. Throws Error{memory} where there is no room
/// for them.
MachineLimits measure_limits(int threads);

}  // namespace conv
