// Weights are laid out as gpu::banked_weights does: [group][block of maps][channel][s][r][map].

// Any strides, dilations, groups and sizes: columns x rows x K work-items, one output each.
#define DEFINE_DIRECT_ANY(SAMPLE)                                                                  \
    kernel void direct_any_##SAMPLE(global const SAMPLE* input, global const float* weights,       \
                                    global const float* bias, global float* results, Strip z,      \
                                    int together) {                                                \
        const int i = get_global_id(0), p = get_global_id(1), k = get_global_id(2);                \
        if (i >= z.columns) return;                                                               \
        const int g = k / z.maps, map = k % z.maps;                                                \
        const int block = g * ((z.maps + together - 1) / together) + map / together;               \
        global const SAMPLE* from = input + g * z.group + row_start(&z, p) + i;                    \
        global const float* w =                                                                    \
            weights + (long)block * together * z.channels * z.S * z.R + map % together;            \
        float sum = 0.0f;                                                                          \
        for (int c = 0; c < z.channels; ++c) {                                                     \
            for (int s = 0; s < z.S; ++s) {                                                        \
                global const SAMPLE* cell = from + c * z.line + tap(&z, s);                        \
                float column = 0.0f;                                                               \
                for (int r = 0; r < z.R; ++r, w += together) {                                     \
                    column += *w * (float)cell[r * z.channels * z.line];                           \
                }                                                                                  \
                sum += column;                                                                     \
            }                                                                                      \
        }                                                                                          \
        results[k * z.result_map + p * z.result_line + i] = sum + bias[k];                         \
    }

DEFINE_DIRECT_ANY(uchar)
DEFINE_DIRECT_ANY(ushort)
DEFINE_DIRECT_ANY(float)

// Dense rows (strides 1, dilation_h 1), tiled in local memory: a work-group of TILE_COLUMNS x
// TILE_ITEMS computes TILE_COLUMNS x (TILE_ITEMS * ROWS) outputs of MAPS maps. Every sample is read
// from global memory once for a tile. A work-item slides down one column: ROWS outputs share each
// sample it reads, all maps share it too, and neighbours read neighbours, whatever N and dilation_w
// are. Every work-item reads the same weights at the same time.
#define TILE_COLUMNS 64
#define TILE_ITEMS 4
#define ROWS 4

#define DEFINE_DIRECT_TILED(SAMPLE, MAPS)                                                          \
    kernel __attribute__((reqd_work_group_size(TILE_COLUMNS, TILE_ITEMS, 1))) void                 \
        direct_tiled_##SAMPLE##_##MAPS(global const SAMPLE* input, global const float* weights,    \
                                       global const float* bias, global float* results,            \
                                       local float* tile, Strip z) {                               \
        const int x = get_local_id(0), y = get_local_id(1);                                        \
        const int first_column = get_group_id(0) * TILE_COLUMNS;                                   \
        const int first_row = get_group_id(1) * TILE_ITEMS * ROWS;                                 \
        const int blocks = (z.maps + MAPS - 1) / MAPS;                                             \
        const int g = get_group_id(2) / blocks, first_map = get_group_id(2) % blocks * MAPS;       \
        const int step = z.dilation_w * z.N;                                                       \
        const int width = TILE_COLUMNS + (z.S - 1) * step;                                         \
        const int height = TILE_ITEMS * ROWS + z.R - 1;                                            \
        global const float* w =                                                                    \
            weights + (long)get_group_id(2) * z.channels * z.S * z.R * MAPS;                       \
        float sum[MAPS][ROWS];                                                                     \
        for (int m = 0; m < MAPS; ++m) {                                                           \
            for (int j = 0; j < ROWS; ++j) sum[m][j] = 0.0f;                                       \
        }                                                                                          \
        for (int c = 0; c < z.channels; ++c) {                                                     \
            barrier(CLK_LOCAL_MEM_FENCE);                                                          \
            for (int h = y; h < height; h += TILE_ITEMS) {                                         \
                const int row = first_row + h;                                                     \
                for (int l = x; l < width; l += TILE_COLUMNS) {                                    \
                    const int column = first_column + l;                                           \
                    const bool there = row < z.rows + z.R - 1 && column < z.line;                  \
                    tile[h * width + l] =                                                          \
                        there ? (float)input[g * z.group + (row * z.channels + c) * z.line +       \
                                             column]                                               \
                              : 0.0f;                                                              \
                }                                                                                  \
            }                                                                                      \
            barrier(CLK_LOCAL_MEM_FENCE);                                                          \
            for (int s = 0; s < z.S; ++s) {                                                        \
                local const float* from = tile + y * ROWS * width + x + s * step;                  \
                float v0 = from[0], v1 = from[width], v2 = from[2 * width];                        \
                from += 3 * width;                                                                 \
                for (int r = 0; r < z.R; ++r, from += width, w += MAPS) {                          \
                    const float v3 = *from;                                                        \
                    for (int m = 0; m < MAPS; ++m) {                                               \
                        sum[m][0] += w[m] * v0;                                                    \
                        sum[m][1] += w[m] * v1;                                                    \
                        sum[m][2] += w[m] * v2;                                                    \
                        sum[m][3] += w[m] * v3;                                                    \
                    }                                                                              \
                    v0 = v1;                                                                       \
                    v1 = v2;                                                                       \
                    v2 = v3;                                                                       \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        const int i = first_column + x;                                                            \
        for (int m = 0; m < MAPS && first_map + m < z.maps; ++m) {                                 \
            const int k = g * z.maps + first_map + m;                                              \
            for (int j = 0; j < ROWS; ++j) {                                                       \
                const int p = first_row + y * ROWS + j;                                            \
                if (i < z.columns && p < z.rows) {                                                 \
                    results[k * z.result_map + p * z.result_line + i] = sum[m][j] + bias[k];       \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }

#define DEFINE_DIRECT_TILED_SAMPLES(MAPS)                                                          \
    DEFINE_DIRECT_TILED(uchar, MAPS)                                                               \
    DEFINE_DIRECT_TILED(ushort, MAPS)                                                              \
    DEFINE_DIRECT_TILED(float, MAPS)

DEFINE_DIRECT_TILED_SAMPLES(1)
DEFINE_DIRECT_TILED_SAMPLES(2)
DEFINE_DIRECT_TILED_SAMPLES(4)
DEFINE_DIRECT_TILED_SAMPLES(8)
