#include "cuda/direct_tile.cuh"

namespace conv::cuda {
namespace {

// One map, small square windows of known size: each thread computes 4 x kRows outputs from
// registers, with 16-byte accesses to shared and global memory throughout. A plane is then bound by
// memory: a tile of 128 x 32 outputs reads 1.1 samples for each of them with a 3 x 3 window, 1.4
// with 7 x 7.

constexpr int kThreadsX = 32, kThreadsY = 8, kRows = 4;

/// WINDOW = R = S; STEP samples from one horizontal tap to the next: N * dilation_w.
template <typename T, int WINDOW, int STEP>
__global__ void __launch_bounds__(kThreadsX* kThreadsY)
    direct_plane(const T* __restrict__ input, const float* __restrict__ weights,
                 const float* __restrict__ bias, float* __restrict__ results, DeviceStrip z) {
    constexpr int kHalo = (WINDOW - 1) * STEP;
    constexpr int kQuads = (4 + kHalo + 3) / 4;    // that a thread reads of a line
    constexpr int kLine = kThreadsX - 1 + kQuads;  // of the tile, in quads
    constexpr int kHeight = kThreadsY * kRows + WINDOW - 1;
    constexpr int kThreads = kThreadsX * kThreadsY;
    constexpr int kLoads = (kHeight * kLine + kThreads - 1) / kThreads;
    __shared__ float4 tile[kHeight * kLine];
    const int first_column = blockIdx.x * 4 * kThreadsX;
    const int first_row = blockIdx.y * kThreadsY * kRows;
    const int k = blockIdx.z, thread = threadIdx.y * kThreadsX + threadIdx.x;
    float sum[kRows][4] = {};
    for (int c = 0; c < z.channels; ++c) {
        float w[WINDOW][WINDOW];  // [s][r]
        const float* from = weights + (k * z.channels + c) * WINDOW * WINDOW;
#pragma unroll
        for (int s = 0; s < WINDOW; ++s) {
#pragma unroll
            for (int r = 0; r < WINDOW; ++r) w[s][r] = __ldg(from + s * WINDOW + r);
        }
        // All loads are under way before the first is stored.
        const T* channel = input + k * z.group + c * z.line;
        float4 loads[kLoads];
#pragma unroll
        for (int i = 0; i < kLoads; ++i) {
            loads[i] = load_tile(
                channel, tile_source(z, thread + i * kThreads, kLine, first_row, first_column));
        }
        __syncthreads();
#pragma unroll
        for (int i = 0; i < kLoads; ++i) {
            if (thread + i * kThreads < kHeight * kLine) tile[thread + i * kThreads] = loads[i];
        }
        __syncthreads();
#pragma unroll
        for (int h = 0; h < kRows + WINDOW - 1; ++h) {
            float v[4 * kQuads];
            const float4* line = tile + (threadIdx.y * kRows + h) * kLine + threadIdx.x;
#pragma unroll
            for (int q = 0; q < kQuads; ++q) {
                const float4 quad = line[q];
                v[4 * q] = quad.x;
                v[4 * q + 1] = quad.y;
                v[4 * q + 2] = quad.z;
                v[4 * q + 3] = quad.w;
            }
#pragma unroll
            for (int j = 0; j < kRows; ++j) {
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
    for (int j = 0; j < kRows; ++j) {
        const int p = first_row + threadIdx.y * kRows + j;
        if (p >= z.rows) return;
        *reinterpret_cast<float4*>(results + k * z.result_map + p * z.result_line + i) =
            make_float4(sum[j][0] + b, sum[j][1] + b, sum[j][2] + b, sum[j][3] + b);
    }
}

template <typename T, int WINDOW, int STEP>
void launch(cudaStream_t stream, const DirectOperands& o, const DeviceStrip& z, int K) {
    const dim3 grid(blocks_for(z.columns, 4 * kThreadsX), blocks_for(z.rows, kThreadsY * kRows), K);
    direct_plane<T, WINDOW, STEP><<<grid, dim3(kThreadsX, kThreadsY), 0, stream>>>(
        static_cast<const T*>(o.input), o.weights, o.bias, o.results, z);
}

struct Shape {
    int window, step;
};
constexpr Shape kShapes[] = {{3, 1}, {5, 1}, {7, 1}, {3, 3}, {5, 3}, {7, 3}};

template <typename T, int I = 0>
bool launch_shape(cudaStream_t stream, const DirectOperands& o, const DeviceStrip& z, int K) {
    if constexpr (I == sizeof(kShapes) / sizeof(Shape)) {
        return false;
    } else {
        if (z.R != kShapes[I].window || z.N * z.dilation_w != kShapes[I].step) {
            return launch_shape<T, I + 1>(stream, o, z, K);
        }
        launch<T, kShapes[I].window, kShapes[I].step>(stream, o, z, K);
        return true;
    }
}

}  // namespace

template <typename T>
bool queue_plane(cudaStream_t stream, const DirectOperands& operands, const DeviceStrip& strip,
                 int K) {
    return strip.maps == 1 && strip.R == strip.S && launch_shape<T>(stream, operands, strip, K);
}

template bool queue_plane<unsigned char>(cudaStream_t, const DirectOperands&, const DeviceStrip&,
                                         int);
template bool queue_plane<unsigned short>(cudaStream_t, const DirectOperands&, const DeviceStrip&,
                                          int);
template bool queue_plane<float>(cudaStream_t, const DirectOperands&, const DeviceStrip&, int);

}  // namespace conv::cuda
