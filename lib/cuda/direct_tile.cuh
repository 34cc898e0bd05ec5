#pragma once

#include "cuda/device_kernels.hpp"
#include "cuda/device_strip.cuh"

namespace conv::cuda {

/// The tiled device kernels: dense rows (strides 1, dilation_h 1), each sample read from global
/// memory once for a tile. Each queues and returns true where it takes the strip.
template <typename T>
bool queue_plane(cudaStream_t stream, const DirectOperands& operands, const DeviceStrip& strip,
                 int K);
template <typename T>
bool queue_bank(cudaStream_t stream, const DirectOperands& operands, const DeviceStrip& strip,
                int K);

/// Where `quad` of a tile of `quads` four-sample groups a line, from row first_row and column
/// first_column on, lies in the strip, counted from its group's channel 0; -1 past the strip's end.
__device__ __forceinline__ int tile_source(const DeviceStrip& z, int quad, int quads, int first_row,
                                           int first_column) {
    const int row = first_row + quad / quads, column = first_column + quad % quads * 4;
    const bool there = row < z.rows + z.R - 1 && column < z.line;
    return there ? row * z.channels * z.line + column : -1;
}

/// The four samples there, zeros past the strip's end.
template <typename T>
__device__ __forceinline__ float4 load_tile(const T* __restrict__ channel, int source) {
    return source >= 0 ? load4(channel + source) : make_float4(0.0F, 0.0F, 0.0F, 0.0F);
}

}  // namespace conv::cuda
