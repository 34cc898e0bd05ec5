#include "cuda/device_kernels.hpp"
#include "cuda/device_strip.cuh"

namespace conv::cuda {
namespace {

constexpr int kBlock = 128;

__global__ void fill_bias(float* results, const float* bias, DeviceResults z) {
    const int i = blockIdx.x * kBlock + threadIdx.x, p = blockIdx.y, k = blockIdx.z;
    if (i >= z.line) return;
    results[k / z.maps * z.group_step + k % z.maps * z.map_step + p % z.chain * z.chain_step +
            p / z.chain * z.row_step + i] = bias[k];
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

cudaError_t queue_fill_bias(cudaStream_t stream, float* results, const float* bias,
                            const gpu::DeviceResults& layout, int K) {
    const dim3 grid(blocks_for(layout.line, kBlock), layout.rows, K);
    fill_bias<<<grid, kBlock, 0, stream>>>(results, bias, layout);
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
    return cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(&fill_bias));
}

}  // namespace conv::cuda
