#pragma once

#include "gpu/device_strip.hpp"

namespace conv::cuda {

using gpu::DeviceResults;
using gpu::DeviceStrip;

/// The first sample that output row p reads, in channel 0 of a group.
__device__ __forceinline__ int row_start(const DeviceStrip& z, int p) {
    const int h = p * z.stride_h;
    return h % z.dilation_h * z.row_phase + h / z.dilation_h * z.channels * z.line;
}

/// Where horizontal tap s is from the first.
__device__ __forceinline__ int tap(const DeviceStrip& z, int s) {
    const int w = s * z.dilation_w;
    return w % z.stride_w * z.column_phase + w / z.stride_w * z.N;
}

/// Four neighbouring samples in one access: 16 bytes of floats. `from` is aligned to the access.
__device__ __forceinline__ float4 load4(const float* from) {
    return __ldg(reinterpret_cast<const float4*>(from));
}
__device__ __forceinline__ float4 load4(const unsigned short* from) {
    const ushort4 v = __ldg(reinterpret_cast<const ushort4*>(from));
    return make_float4(v.x, v.y, v.z, v.w);
}
__device__ __forceinline__ float4 load4(const unsigned char* from) {
    const uchar4 v = __ldg(reinterpret_cast<const uchar4*>(from));
    return make_float4(v.x, v.y, v.z, v.w);
}

inline int blocks_for(int count, int block) {
    return (count + block - 1) / block;
}

}  // namespace conv::cuda
