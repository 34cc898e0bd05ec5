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

}  // namespace conv::gpu
