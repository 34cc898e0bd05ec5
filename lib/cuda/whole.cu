#include "cuda/device_kernels.hpp"
#include "cuda/device_strip.cuh"

namespace conv::cuda {
namespace {

// The digits' sums of whole-number kernels (gpu/digits.hpp) on their way to 8-bit samples.

constexpr int kBlock = 128;

/// A sum over the denominator, rounded half to even, in -1..256.
__device__ __forceinline__ int whole_quotient(int sum, const gpu::Quotient& q) {
    const float denominator = static_cast<float>(q.denominator);
    const float most = 256.0F * denominator;
    const float x = fminf(fmaxf(static_cast<float>(sum), -denominator), most);
    // Adding 1.5 * 2^23 rounds, in one step with the product.
    constexpr float kShift = 12582912.0F;
    int n = static_cast<int>(__fmaf_rn(x, q.inverse, kShift) - kShift);
    if (q.exact == 0 || x == most || x == -denominator) return n;
    // The estimate is right but near ties: the rest decides. It fits, whatever wraps on the way.
    const int rest = static_cast<int>(static_cast<unsigned>(sum) -
                                      static_cast<unsigned>(n) *
                                          static_cast<unsigned>(q.denominator));
    const bool odd = (n & 1) != 0;
    if (2 * rest > q.denominator || (2 * rest == q.denominator && odd)) return n + 1;
    if (2 * rest < -q.denominator || (2 * rest == -q.denominator && odd)) return n - 1;
    return n;
}

/// Four columns of a row a thread.
__global__ void store_whole_bytes(WholeOperands o, int columns, gpu::Quotient quotient) {
    __shared__ int below, above;
    if (threadIdx.x == 0) below = above = 0;
    __syncthreads();
    const int i = 4 * (blockIdx.x * kBlock + threadIdx.x), p = blockIdx.y, k = blockIdx.z;
    if (i < columns) {
        // A line is a multiple of 16: whole quads fit, those past the columns are not counted.
        const int from = k * quotient.digits * o.from.map_step + p * o.from.row_step + i;
        unsigned sums[4] = {0, 0, 0, 0};
        for (int d = quotient.digits - 1; d >= 0; --d) {
            const float4 quad =
                *reinterpret_cast<const float4*>(o.sums + from + d * o.from.map_step);
            const float values[4] = {quad.x, quad.y, quad.z, quad.w};
#pragma unroll
            for (int j = 0; j < 4; ++j) {
                sums[j] = sums[j] * static_cast<unsigned>(quotient.base) +
                          static_cast<unsigned>(static_cast<int>(values[j]));
            }
        }
        const unsigned bias = static_cast<unsigned>(o.bias[k]);
        unsigned char samples[4];
        int lost_below = 0, lost_above = 0;
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            const int x = whole_quotient(static_cast<int>(sums[j] + bias), quotient);
            samples[j] = static_cast<unsigned char>(min(max(x, 0), 255));
            if (i + j >= columns) continue;
            lost_below += x < 0;
            lost_above += x > 255;
        }
        *reinterpret_cast<uchar4*>(o.bytes + k * o.to.map_step + p * o.to.row_step + i) =
            make_uchar4(samples[0], samples[1], samples[2], samples[3]);
        if (lost_below > 0) atomicAdd(&below, lost_below);
        if (lost_above > 0) atomicAdd(&above, lost_above);
    }
    __syncthreads();
    if (threadIdx.x != 0) return;
    if (below > 0) atomicAdd(o.lost, below);
    if (above > 0) atomicAdd(o.lost + 1, above);
}

}  // namespace

cudaError_t queue_store_whole_bytes(cudaStream_t stream, const WholeOperands& operands,
                                    const gpu::Quotient& quotient, int columns, int K) {
    const dim3 grid(blocks_for(operands.to.line, 4 * kBlock), operands.to.rows, K);
    store_whole_bytes<<<grid, kBlock, 0, stream>>>(operands, columns, quotient);
    return cudaGetLastError();
}

}  // namespace conv::cuda
