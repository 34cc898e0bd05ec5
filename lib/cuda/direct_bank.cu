#include "cuda/direct_tile.cuh"

namespace conv::cuda {
namespace {

// Any window, several maps at once. A block of 32 x TY threads computes a tile of 32 * COLS columns
// and TY * kRows rows of MAPS maps; a thread COLS columns 32 apart, kRows rows below each other. It
// slides down its columns, so that kRows outputs share each sample it reads, all maps share it too,
// and neighbours read neighbours, whatever N and dilation_w are. For 8 maps and 2 columns that is
// 64 multiply-adds for 2 samples and 8 weights, which all threads of a warp read together.

constexpr int kWarp = 32, kRows = 4;
constexpr int kLoads = 3;  // quads of the next channel that a thread holds while it computes
constexpr int kSharedBytes = 48 * 1024;  // every device has that without asking

int tile_width(const DeviceStrip& z, int columns) {
    return blocks_for(columns + (z.S - 1) * z.dilation_w * z.N, 4) * 4;
}

/// The weights of MAPS maps for one cell.
template <int MAPS>
__device__ __forceinline__ void load_weights(const float* from, float (&w)[MAPS]) {
    if constexpr (MAPS % 4 == 0) {
#pragma unroll
        for (int m = 0; m < MAPS; m += 4) {
            const float4 quad = *reinterpret_cast<const float4*>(from + m);
            w[m] = quad.x;
            w[m + 1] = quad.y;
            w[m + 2] = quad.z;
            w[m + 3] = quad.w;
        }
    } else {
#pragma unroll
        for (int m = 0; m < MAPS; ++m) w[m] = from[m];
    }
}

/// Adds one channel: `tile` at the thread's first sample, `weights` [s][r][map]. WINDOW = R, or 0
/// where it is only known now.
template <int MAPS, int COLS, int WINDOW>
__device__ __forceinline__ void add_channel(const float* tile, int width, int step,
                                            const float* weights, int R, int S,
                                            float (&sum)[MAPS][COLS][kRows]) {
    const int window = WINDOW > 0 ? WINDOW : R;
    for (int s = 0; s < S; ++s) {
        const float* from = tile + s * step;
        // The columns of a window that may be large are summed apart, so that it does not drift.
        float column[MAPS][COLS][kRows] = {};
        float(&to)[MAPS][COLS][kRows] = WINDOW > 0 ? sum : column;
        float v[COLS][kRows];
#pragma unroll
        for (int j = 0; j + 1 < kRows; ++j, from += width) {
#pragma unroll
            for (int x = 0; x < COLS; ++x) v[x][j] = from[x * kWarp];
        }
#pragma unroll
        for (int r = 0; r < window; ++r, from += width, weights += MAPS) {
            float w[MAPS];
            load_weights<MAPS>(weights, w);
#pragma unroll
            for (int x = 0; x < COLS; ++x) {
                v[x][kRows - 1] = from[x * kWarp];
#pragma unroll
                for (int m = 0; m < MAPS; ++m) {
#pragma unroll
                    for (int j = 0; j < kRows; ++j) to[m][x][j] += w[m] * v[x][j];
                }
#pragma unroll
                for (int j = 0; j + 1 < kRows; ++j) v[x][j] = v[x][j + 1];
            }
        }
        if constexpr (WINDOW == 0) {
#pragma unroll
            for (int m = 0; m < MAPS; ++m) {
#pragma unroll
                for (int x = 0; x < COLS; ++x) {
#pragma unroll
                    for (int j = 0; j < kRows; ++j) sum[m][x][j] += column[m][x][j];
                }
            }
        }
    }
}

template <typename T, int MAPS, int COLS, int TY, int WINDOW>
__global__ void __launch_bounds__(kWarp* TY)
    direct_bank(const T* __restrict__ input, const float* __restrict__ weights,
                const float* __restrict__ bias, float* __restrict__ results, DeviceStrip z,
                int width) {
    constexpr int kThreads = kWarp * TY;
    extern __shared__ float4 shared[];
    const int height = TY * kRows + z.R - 1, quads = width / 4, tile_quads = height * quads;
    float* tile = reinterpret_cast<float*>(shared);
    float* cells = tile + height * width;  // the channel's weights
    const int first_column = blockIdx.x * kWarp * COLS, first_row = blockIdx.y * TY * kRows;
    const int blocks = (z.maps + MAPS - 1) / MAPS, g = blockIdx.z / blocks;
    const int thread = threadIdx.y * kWarp + threadIdx.x, cell_count = z.R * z.S * MAPS;
    // The next channel is on its way while this one is computed.
    const T* channel = input + g * z.group;
    const float* channel_cells =
        weights + static_cast<long long>(blockIdx.z) * z.channels * cell_count;
    int source[kLoads];
    float4 loads[kLoads];
    float cell = 0.0F;
    const auto load = [&] {
#pragma unroll
        for (int i = 0; i < kLoads; ++i) loads[i] = load_tile(channel, source[i]);
        if (thread < cell_count) cell = __ldg(channel_cells + thread);
    };
#pragma unroll
    for (int i = 0; i < kLoads; ++i) {
        const int quad = thread + i * kThreads;
        source[i] = quad < tile_quads ? tile_source(z, quad, quads, first_row, first_column) : -1;
    }
    load();
    float sum[MAPS][COLS][kRows] = {};
    for (int c = 0; c < z.channels; ++c) {
        __syncthreads();
#pragma unroll
        for (int i = 0; i < kLoads; ++i) {
            if (thread + i * kThreads < tile_quads) shared[thread + i * kThreads] = loads[i];
        }
        for (int i = thread + kLoads * kThreads; i < tile_quads; i += kThreads) {
            shared[i] = load_tile(channel, tile_source(z, i, quads, first_row, first_column));
        }
        if (thread < cell_count) cells[thread] = cell;
        for (int i = thread + kThreads; i < cell_count; i += kThreads) {
            cells[i] = __ldg(channel_cells + i);
        }
        __syncthreads();
        channel += z.line;
        channel_cells += cell_count;
        if (c + 1 < z.channels) load();
        add_channel<MAPS, COLS, WINDOW>(tile + threadIdx.y * kRows * width + threadIdx.x, width,
                                        z.dilation_w * z.N, cells, z.R, z.S, sum);
    }
#pragma unroll
    for (int m = 0; m < MAPS; ++m) {
        const int map = blockIdx.z % blocks * MAPS + m, k = g * z.maps + map;
        if (map >= z.maps) return;
        const float b = bias[k];
#pragma unroll
        for (int x = 0; x < COLS; ++x) {
            const int i = first_column + threadIdx.x + x * kWarp;
#pragma unroll
            for (int j = 0; j < kRows; ++j) {
                const int p = first_row + threadIdx.y * kRows + j;
                if (i < z.columns && p < z.rows) {
                    results[k * z.result_map + p * z.result_line + i] = sum[m][x][j] + b;
                }
            }
        }
    }
}

template <typename T, int MAPS, int COLS, int TY, int WINDOW>
bool launch(cudaStream_t stream, const DirectOperands& o, const DeviceStrip& z, int K) {
    const int width = tile_width(z, kWarp * COLS);
    const int floats = width * (TY * kRows + z.R - 1) + z.R * z.S * MAPS;
    const int bytes = floats * static_cast<int>(sizeof(float));
    const auto kernel = direct_bank<T, MAPS, COLS, TY, WINDOW>;
    if (bytes > kSharedBytes &&
        cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                             cudaFuncAttributeMaxDynamicSharedMemorySize, bytes) != cudaSuccess) {
        static_cast<void>(cudaGetLastError());  // this device has less
        return false;
    }
    const dim3 grid(blocks_for(z.columns, kWarp * COLS), blocks_for(z.rows, TY * kRows),
                    K / z.maps * blocks_for(z.maps, MAPS));
    kernel<<<grid, dim3(kWarp, TY), bytes, stream>>>(static_cast<const T*>(o.input), o.weights,
                                                     o.bias, o.results, z, width);
    return true;
}

/// Large tiles where there are many, with windows of known height where they are common.
template <typename T, int MAPS>
bool launch_maps(cudaStream_t stream, const DirectOperands& o, const DeviceStrip& z, int K) {
    constexpr int kManyTiles = 256;
    const long long tiles = static_cast<long long>(blocks_for(z.columns, 2 * kWarp)) *
                            blocks_for(z.rows, 8 * kRows) * (K / MAPS);
    if (tiles < kManyTiles || z.columns <= kWarp) return launch<T, MAPS, 1, 4, 0>(stream, o, z, K);
    if constexpr (MAPS == 8) {
        if (z.R == 3) return launch<T, MAPS, 2, 8, 3>(stream, o, z, K);
        if (z.R == 5) return launch<T, MAPS, 2, 8, 5>(stream, o, z, K);
        if (z.R == 7) return launch<T, MAPS, 2, 8, 7>(stream, o, z, K);
    }
    return launch<T, MAPS, 2, 8, 0>(stream, o, z, K);
}

}  // namespace

template <typename T>
bool queue_bank(cudaStream_t stream, const DirectOperands& operands, const DeviceStrip& strip,
                int K) {
    switch (operands.together) {
        case 1:
            return launch_maps<T, 1>(stream, operands, strip, K);
        case 2:
            return launch_maps<T, 2>(stream, operands, strip, K);
        case 4:
            return launch_maps<T, 4>(stream, operands, strip, K);
        default:
            return launch_maps<T, 8>(stream, operands, strip, K);
    }
}

template bool queue_bank<unsigned char>(cudaStream_t, const DirectOperands&, const DeviceStrip&,
                                        int);
template bool queue_bank<unsigned short>(cudaStream_t, const DirectOperands&, const DeviceStrip&,
                                         int);
template bool queue_bank<float>(cudaStream_t, const DirectOperands&, const DeviceStrip&, int);

}  // namespace conv::cuda
