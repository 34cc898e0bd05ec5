#pragma once

// What the host queues on a CUDA device. Plain enough for nvcc and the host's compiler alike.

#include <driver_types.h>

#include "gpu/device_strip.hpp"

namespace conv::cuda {

enum class Sample { u8, u16, f32 };

/// results += bias, K maps. Last, so that a large bias costs small sums no more than one rounding.
cudaError_t queue_add_bias(cudaStream_t stream, float* results, const float* bias,
                           const gpu::DeviceResults& layout, int K);

/// bytes = results rounded half to even and saturated to 8 bits, NaN becoming 0, in the same
/// layout, `columns` of each line. Adds those that 8 bits cannot hold to lost[0] (below) and
/// lost[1] (above).
cudaError_t queue_store_bytes(cudaStream_t stream, const float* results, unsigned char* bytes,
                              int* lost, int columns, const gpu::DeviceResults& layout, int K);

struct WholeOperands {
    const float* sums;  ///< of the digits, one plane for each
    const int* bias;
    unsigned char* bytes;  ///< one plane for each map
    int* lost;
    gpu::DeviceResults from, to;  ///< the layouts of both
};

/// Rounds the digits' sums of K maps to 8 bits, `columns` of each line, and adds what 8 bits cannot
/// hold to lost[0] (below) and lost[1] (above).
cudaError_t queue_store_whole_bytes(cudaStream_t stream, const WholeOperands& operands,
                                    const gpu::Quotient& quotient, int columns, int K);

/// The column matrix of the group whose samples start at `first`: row (c * R + r) * S + s, column
/// p * result_line + i; columns past the result's are zero.
cudaError_t queue_im2col(cudaStream_t stream, Sample type, const void* input, int first,
                         float* columns, const gpu::DeviceStrip& strip);

struct DirectOperands {
    const void* input;
    const float* weights;  ///< as gpu::banked_weights lays them out
    const float* bias;
    float* results;
    int together;  ///< maps of a block of weights: 1, 2, 4 or 8
};

/// The sums of K maps, by the fastest device kernel that takes the strip.
cudaError_t queue_direct(cudaStream_t stream, Sample type, const DirectOperands& operands,
                         const gpu::DeviceStrip& strip, int K);

/// Success when this build has code for the current device.
cudaError_t check_device_code();

}  // namespace conv::cuda
