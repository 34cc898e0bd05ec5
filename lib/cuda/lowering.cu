#include "cuda/device_kernels.hpp"
#include "cuda/device_strip.cuh"

namespace conv::cuda {
namespace {

constexpr int kBlock = 128;

__global__ void add_bias(float* results, const float* bias, DeviceResults z) {
    const int i = blockIdx.x * kBlock + threadIdx.x, p = blockIdx.y, k = blockIdx.z;
    if (i >= z.line) return;
    results[k / z.maps * z.group_step + k % z.maps * z.map_step + p % z.chain * z.chain_step +
            p / z.chain * z.row_step + i] += bias[k];
}

/// Four columns of a row a thread.
__global__ void store_bytes(const float* __restrict__ results, unsigned char* __restrict__ bytes,
                            int* lost, int columns, DeviceResults z) {
    __shared__ int below, above;
    if (threadIdx.x == 0) below = above = 0;
    __syncthreads();
    const int i = 4 * (blockIdx.x * kBlock + threadIdx.x), p = blockIdx.y, k = blockIdx.z;
    if (i < columns) {
        // A line is a multiple of 16: whole quads fit, those past the columns are not counted.
        const int at = k / z.maps * z.group_step + k % z.maps * z.map_step +
                       p % z.chain * z.chain_step + p / z.chain * z.row_step + i;
        const float4 quad = *reinterpret_cast<const float4*>(results + at);
        const float values[4] = {rintf(quad.x), rintf(quad.y), rintf(quad.z), rintf(quad.w)};
        unsigned char samples[4];
        int lost_below = 0, lost_above = 0;
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            samples[j] = static_cast<unsigned char>(fminf(fmaxf(values[j], 0.0F), 255.0F));
            if (i + j >= columns) continue;
            lost_below += !(values[j] >= 0.0F);
            lost_above += values[j] > 255.0F;
        }
        *reinterpret_cast<uchar4*>(bytes + at) =
            make_uchar4(samples[0], samples[1], samples[2], samples[3]);
        if (lost_below > 0) atomicAdd(&below, lost_below);
        if (lost_above > 0) atomicAdd(&above, lost_above);
    }
    __syncthreads();
    if (threadIdx.x != 0) return;
    if (below > 0) atomicAdd(lost, below);
    if (above > 0) atomicAdd(lost + 1, above);
}

template <typename T>
__global__ void im2col(const T* input, int first, float* columns, DeviceStrip z) {
    const int i = blockIdx.x * kBlock + threadIdx.x, p = blockIdx.y, row = blockIdx.z;
    if (i >= z.result_line) return;
    const int s = row % z.S, r = row / z.S % z.R, c = row / (z.S * z.R);
    const int at = first + row_start(z, p) + (r * z.channels + c) * z.line + tap(z, s) + i;
    columns[(static_cast<long long>(row) * z.rows + p) * z.result_line + i] =
        i < z.columns ? static_cast<float>(input[at]) : 0.0F;
}

template <typename T>
cudaError_t queue_im2col_of(cudaStream_t stream, const void* input, int first, float* columns,
                            const DeviceStrip& z) {
    const dim3 grid(blocks_for(z.result_line, kBlock), z.rows, z.channels * z.R * z.S);
    im2col<<<grid, kBlock, 0, stream>>>(static_cast<const T*>(input), first, columns, z);
    return cudaGetLastError();
}

}  // namespace

cudaError_t queue_add_bias(cudaStream_t stream, float* results, const float* bias,
                           const gpu::DeviceResults& layout, int K) {
    const dim3 grid(blocks_for(layout.line, kBlock), layout.rows, K);
    add_bias<<<grid, kBlock, 0, stream>>>(results, bias, layout);
    return cudaGetLastError();
}

cudaError_t queue_store_bytes(cudaStream_t stream, const float* results, unsigned char* bytes,
                              int* lost, int columns, const gpu::DeviceResults& layout, int K) {
    const dim3 grid(blocks_for(layout.line, 4 * kBlock), layout.rows, K);
    store_bytes<<<grid, kBlock, 0, stream>>>(results, bytes, lost, columns, layout);
    return cudaGetLastError();
}

cudaError_t queue_im2col(cudaStream_t stream, Sample type, const void* input, int first,
                         float* columns, const gpu::DeviceStrip& strip) {
    switch (type) {
        case Sample::u8:
            return queue_im2col_of<unsigned char>(stream, input, first, columns, strip);
        case Sample::u16:
            return queue_im2col_of<unsigned short>(stream, input, first, columns, strip);
        case Sample::f32:
            break;
    }
    return queue_im2col_of<float>(stream, input, first, columns, strip);
}

cudaError_t check_device_code() {
    cudaFuncAttributes attributes;
    return cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(&add_bias));
}

}  // namespace conv::cuda
