#include "cuda/device_kernels.hpp"
#include "cuda/device_strip.cuh"

namespace conv::cuda {
namespace {

// ---- Any strides, dilations, groups and sizes: one output a thread.

constexpr int kAnyBlock = 128;

template <typename T>
__global__ void direct_any(const T* __restrict__ input, const float* __restrict__ weights,
                           const float* __restrict__ bias, float* __restrict__ results,
                           DeviceStrip z) {
    const int i = blockIdx.x * kAnyBlock + threadIdx.x, p = blockIdx.y, k = blockIdx.z;
    if (i >= z.columns) return;
    const T* from = input + k / z.maps * z.group + row_start(z, p) + i;
    const float* w = weights + static_cast<long long>(k) * z.channels * z.S * z.R;
    float sum = 0.0F;
    for (int c = 0; c < z.channels; ++c) {
        for (int s = 0; s < z.S; ++s) {
            const T* cell = from + c * z.line + tap(z, s);
            float column = 0.0F;
            for (int r = 0; r < z.R; ++r, ++w) {
                column += __ldg(w) * static_cast<float>(cell[r * z.channels * z.line]);
            }
            sum += column;
        }
    }
    results[k * z.result_map + p * z.result_line + i] = sum + bias[k];
}

// ---- Dense rows (strides 1, dilation_h 1): tiles in shared memory, filled four samples at a time.

/// Copies `height` lines of `width` samples (a multiple of 4) into the tile, zeros where the strip
/// ends: from row first_row, column first_column of channel c. All threads of the block call it.
template <typename T>
__device__ __forceinline__ void fill_tile(const T* __restrict__ input, const DeviceStrip& z, int c,
                                          int first_row, int first_column, int height, int width,
                                          float* tile) {
    const int quads = width / 4;
    const int last_row = z.rows + z.R - 1;
    for (int h = threadIdx.y; h < height; h += blockDim.y) {
        const int row = first_row + h;
        const T* line = input + (row * z.channels + c) * z.line;
        for (int w = threadIdx.x; w < quads; w += blockDim.x) {
            const int column = first_column + 4 * w;
            const bool there = row < last_row && column < z.line;
            reinterpret_cast<float4*>(tile)[h * quads + w] =
                there ? load4(line + column) : make_float4(0.0F, 0.0F, 0.0F, 0.0F);
        }
    }
}

// A block of kTiledColumns x kTiledThreads threads computes kTiledRows outputs of MAPS maps in each
// thread. A thread slides down one column: its outputs share each sample that it reads, and
// neighbours read neighbours, whatever N and dilation_w are.
constexpr int kTiledColumns = 64, kTiledThreads = 4, kTiledRows = 4;
constexpr int kMapsTogether = 4;
constexpr int kSharedBytes = 48 * 1024;  // every device has that without asking

int tiled_width(const DeviceStrip& z) {
    return blocks_for(kTiledColumns + (z.S - 1) * z.dilation_w * z.N, 4) * 4;
}
int tiled_bytes(const DeviceStrip& z) {
    return tiled_width(z) * (kTiledThreads * kTiledRows + z.R - 1) *
           static_cast<int>(sizeof(float));
}

template <typename T, int MAPS>
__global__ void __launch_bounds__(kTiledColumns* kTiledThreads)
    direct_tiled(const T* __restrict__ input, const float* __restrict__ weights,
                 const float* __restrict__ bias, float* __restrict__ results, DeviceStrip z,
                 int width) {
    extern __shared__ float4 shared[];
    float* tile = reinterpret_cast<float*>(shared);
    const int first_column = blockIdx.x * kTiledColumns;
    const int first_row = blockIdx.y * kTiledThreads * kTiledRows;
    const int blocks = (z.maps + MAPS - 1) / MAPS;
    const int g = blockIdx.z / blocks, first_map = blockIdx.z % blocks * MAPS;
    const int step = z.dilation_w * z.N, taps = z.R * z.S;
    float sum[MAPS][kTiledRows] = {};
    for (int c = 0; c < z.channels; ++c) {
        __syncthreads();
        fill_tile(input + g * z.group, z, c, first_row, first_column,
                  kTiledThreads * kTiledRows + z.R - 1, width, tile);
        __syncthreads();
        for (int s = 0; s < z.S; ++s) {
            const float* from = tile + threadIdx.y * kTiledRows * width + threadIdx.x + s * step;
            float v0 = from[0], v1 = from[width], v2 = from[2 * width];
            from += 3 * width;
            for (int r = 0; r < z.R; ++r, from += width) {
                const float v3 = *from;
#pragma unroll
                for (int m = 0; m < MAPS; ++m) {
                    const int k = g * z.maps + min(first_map + m, z.maps - 1);
                    const float w = __ldg(weights + (k * z.channels + c) * taps + s * z.R + r);
                    sum[m][0] += w * v0;
                    sum[m][1] += w * v1;
                    sum[m][2] += w * v2;
                    sum[m][3] += w * v3;
                }
                v0 = v1;
                v1 = v2;
                v2 = v3;
            }
        }
    }
    const int i = first_column + threadIdx.x;
    if (i >= z.columns) return;
#pragma unroll
    for (int m = 0; m < MAPS; ++m) {
        if (first_map + m >= z.maps) return;
        const int k = g * z.maps + first_map + m;
        for (int j = 0; j < kTiledRows; ++j) {
            const int p = first_row + threadIdx.y * kTiledRows + j;
            if (p < z.rows) results[k * z.result_map + p * z.result_line + i] = sum[m][j] + bias[k];
        }
    }
}

// ---- Small square windows of known size: each thread computes 4 x kSmallRows outputs from
// registers, with 16-byte accesses to shared and global memory throughout.

constexpr int kSmallThreadsX = 32, kSmallThreadsY = 8, kSmallRows = 4;

/// WINDOW = R = S; STEP samples from one horizontal tap to the next: N * dilation_w.
template <typename T, int WINDOW, int STEP>
__global__ void __launch_bounds__(kSmallThreadsX* kSmallThreadsY)
    direct_small(const T* __restrict__ input, const float* __restrict__ weights,
                 const float* __restrict__ bias, float* __restrict__ results, DeviceStrip z) {
    constexpr int kHalo = (WINDOW - 1) * STEP;
    constexpr int kQuads = (4 + kHalo + 3) / 4;  // that a thread reads of a line
    constexpr int kWidth = (4 * kSmallThreadsX + kHalo + 3) / 4 * 4;
    constexpr int kHeight = kSmallThreadsY * kSmallRows + WINDOW - 1;
    __shared__ float4 tile[kHeight * kWidth / 4];
    const int first_column = blockIdx.x * 4 * kSmallThreadsX;
    const int first_row = blockIdx.y * kSmallThreadsY * kSmallRows;
    const int k = blockIdx.z, g = k / z.maps;
    float sum[kSmallRows][4] = {};
    for (int c = 0; c < z.channels; ++c) {
        float w[WINDOW][WINDOW];  // [s][r]
        const float* from = weights + (k * z.channels + c) * WINDOW * WINDOW;
#pragma unroll
        for (int s = 0; s < WINDOW; ++s) {
#pragma unroll
            for (int r = 0; r < WINDOW; ++r) w[s][r] = __ldg(from + s * WINDOW + r);
        }
        __syncthreads();
        fill_tile(input + g * z.group, z, c, first_row, first_column, kHeight, kWidth,
                  reinterpret_cast<float*>(tile));
        __syncthreads();
#pragma unroll
        for (int h = 0; h < kSmallRows + WINDOW - 1; ++h) {
            float v[4 * kQuads];
            const float4* line = tile + (threadIdx.y * kSmallRows + h) * (kWidth / 4) + threadIdx.x;
#pragma unroll
            for (int q = 0; q < kQuads; ++q) {
                const float4 quad = line[q];
                v[4 * q] = quad.x;
                v[4 * q + 1] = quad.y;
                v[4 * q + 2] = quad.z;
                v[4 * q + 3] = quad.w;
            }
#pragma unroll
            for (int j = 0; j < kSmallRows; ++j) {
                const int r = h - j;
                if (r < 0 || r >= WINDOW) continue;
#pragma unroll
                for (int s = 0; s < WINDOW; ++s) {
#pragma unroll
                    for (int x = 0; x < 4; ++x) sum[j][x] += w[s][r] * v[x + s * STEP];
                }
            }
        }
    }
    // A line of results is a multiple of 16 floats: whole quads fit.
    const int i = first_column + 4 * threadIdx.x;
    if (i >= z.columns) return;
    const float b = bias[k];
#pragma unroll
    for (int j = 0; j < kSmallRows; ++j) {
        const int p = first_row + threadIdx.y * kSmallRows + j;
        if (p >= z.rows) return;
        *reinterpret_cast<float4*>(results + k * z.result_map + p * z.result_line + i) =
            make_float4(sum[j][0] + b, sum[j][1] + b, sum[j][2] + b, sum[j][3] + b);
    }
}

template <typename T, int WINDOW, int STEP>
void launch_small(cudaStream_t stream, const DirectOperands& o, const DeviceStrip& z, int K) {
    const dim3 grid(blocks_for(z.columns, 4 * kSmallThreadsX),
                    blocks_for(z.rows, kSmallThreadsY * kSmallRows), K);
    direct_small<T, WINDOW, STEP><<<grid, dim3(kSmallThreadsX, kSmallThreadsY), 0, stream>>>(
        static_cast<const T*>(o.input), o.weights, o.bias, o.results, z);
}

template <typename T>
using SmallLaunch = void (*)(cudaStream_t, const DirectOperands&, const DeviceStrip&, int);

/// The device kernel for this window and step, or null.
template <typename T>
SmallLaunch<T> small_launch(const DeviceStrip& z) {
    const int step = z.N * z.dilation_w;
    if (z.R != z.S || z.maps >= kMapsTogether) return nullptr;
    if (z.R == 3 && step == 1) return launch_small<T, 3, 1>;
    if (z.R == 5 && step == 1) return launch_small<T, 5, 1>;
    if (z.R == 7 && step == 1) return launch_small<T, 7, 1>;
    if (z.R == 3 && step == 3) return launch_small<T, 3, 3>;
    if (z.R == 5 && step == 3) return launch_small<T, 5, 3>;
    if (z.R == 7 && step == 3) return launch_small<T, 7, 3>;
    return nullptr;
}

template <typename T, int MAPS>
void launch_tiled(cudaStream_t stream, const DirectOperands& o, const DeviceStrip& z, int K) {
    const dim3 grid(blocks_for(z.columns, kTiledColumns),
                    blocks_for(z.rows, kTiledThreads * kTiledRows),
                    K / z.maps * blocks_for(z.maps, MAPS));
    direct_tiled<T, MAPS><<<grid, dim3(kTiledColumns, kTiledThreads), tiled_bytes(z), stream>>>(
        static_cast<const T*>(o.input), o.weights, o.bias, o.results, z, tiled_width(z));
}

template <typename T>
cudaError_t queue_direct_of(cudaStream_t stream, const DirectOperands& o, const DeviceStrip& z,
                            int K) {
    const bool dense = z.stride_h == 1 && z.stride_w == 1 && z.dilation_h == 1;
    const SmallLaunch<T> small = dense ? small_launch<T>(z) : nullptr;
    if (small != nullptr) {
        small(stream, o, z, K);
    } else if (dense && tiled_bytes(z) <= kSharedBytes) {
        z.maps == 1 ? launch_tiled<T, 1>(stream, o, z, K)
                    : launch_tiled<T, kMapsTogether>(stream, o, z, K);
    } else {
        const dim3 grid(blocks_for(z.columns, kAnyBlock), z.rows, K);
        direct_any<<<grid, kAnyBlock, 0, stream>>>(static_cast<const T*>(o.input), o.weights,
                                                   o.bias, o.results, z);
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
