#include "cuda/direct_tile.cuh"

namespace conv::cuda {
namespace {

// Any strides, dilations, groups and sizes: one output a thread.

constexpr int kBlock = 128;

template <typename T>
__global__ void direct_any(const T* __restrict__ input, const float* __restrict__ weights,
                           const float* __restrict__ bias, float* __restrict__ results,
                           DeviceStrip z, int together) {
    const int i = blockIdx.x * kBlock + threadIdx.x, p = blockIdx.y, k = blockIdx.z;
    if (i >= z.columns) return;
    const int g = k / z.maps, map = k % z.maps, blocks = (z.maps + together - 1) / together;
    const T* from = input + g * z.group + row_start(z, p) + i;
    const float* w =
        weights +
        static_cast<long long>(g * blocks + map / together) * together * z.channels * z.S * z.R +
        map % together;
    float sum = 0.0F;
    for (int c = 0; c < z.channels; ++c) {
        for (int s = 0; s < z.S; ++s) {
            const T* cell = from + c * z.line + tap(z, s);
            float column = 0.0F;
            for (int r = 0; r < z.R; ++r, w += together) {
                column += __ldg(w) * static_cast<float>(cell[r * z.channels * z.line]);
            }
            sum += column;
        }
    }
    results[k * z.result_map + p * z.result_line + i] = sum + bias[k];
}

template <typename T>
cudaError_t queue_direct_of(cudaStream_t stream, const DirectOperands& o, const DeviceStrip& z,
                            int K) {
    const bool dense = z.stride_h == 1 && z.stride_w == 1 && z.dilation_h == 1;
    if (!dense || !(queue_plane<T>(stream, o, z, K) || queue_bank<T>(stream, o, z, K))) {
        const dim3 grid(blocks_for(z.columns, kBlock), z.rows, K);
        direct_any<<<grid, kBlock, 0, stream>>>(static_cast<const T*>(o.input), o.weights, o.bias,
                                                o.results, z, o.together);
    }
    return cudaGetLastError();
}

}  // namespace

cudaError_t queue_direct(cudaStream_t stream, Sample type, const DirectOperands& operands,
                         const gpu::DeviceStrip& strip, int K) {
    switch (type) {
        case Sample::u8:
            return queue_direct_of<unsigned char>(stream, operands, strip, K);
        case Sample::u16:
            return queue_direct_of<unsigned short>(stream, operands, strip, K);
        case Sample::f32:
            break;
    }
    return queue_direct_of<float>(stream, operands, strip, K);
}

}  // namespace conv::cuda
