#pragma once

// Plain enough for every compiler of device code.

#include <cstdint>

namespace conv::gpu {

/// A strip as device kernels see it, StripLayout and ResultLayout in 32 bits; the same members in
/// the same order as Strip of lib/opencl/strip.cl.
struct DeviceStrip {
    std::int32_t columns;         ///< Q * N
    std::int32_t rows;            ///< output rows of this strip
    std::int32_t channels, maps;  ///< of one group
    std::int32_t R, S;
    std::int32_t N, stride_w, dilation_w, stride_h, dilation_h;
    std::int32_t line, row_phase, column_phase, group;
    std::int32_t result_line, result_map;
};

/// Where results lie: Results of lib/opencl/strip.cl.
struct DeviceResults {
    std::int32_t line, rows, maps, chain;
    std::int32_t group_step, chain_step, row_step, map_step;
};

/// How device kernels turn the digits' sums of a map into an 8-bit sample; the same members in the
/// same order as Quotient of lib/opencl/whole.cl.
///   exact: (sum + bias) / denominator, rounded half to even
///   else:  float32(sum + bias) * inverse, the exact product rounded half to even at once
/// The second is what the processor's igemm gives for weights that were rounded (cpu/igemm).
struct Quotient {
    std::int32_t digits, base, denominator, exact;
    float inverse;
};

}  // namespace conv::gpu
