// Any strides, dilations, groups and sizes: columns x rows x K work-items, one output each.
#define DEFINE_DIRECT_ANY(SAMPLE)                                                                  \
    kernel void direct_any_##SAMPLE(global const SAMPLE* input, global const float* weights,       \
                                    global const float* bias, global float* results, Strip z) {    \
        const int i = get_global_id(0), p = get_global_id(1), k = get_global_id(2);                \
        if (i >= z.columns) return;                                                               \
        global const SAMPLE* from = input + k / z.maps * z.group + row_start(&z, p) + i;           \
        global const float* w = weights + k * z.channels * z.S * z.R;                              \
        float sum = 0.0f;                                                                          \
        for (int c = 0; c < z.channels; ++c) {                                                     \
            for (int s = 0; s < z.S; ++s) {                                                        \
                global const SAMPLE* cell = from + c * z.line + tap(&z, s);                        \
                float column = 0.0f;                                                               \
                for (int r = 0; r < z.R; ++r, ++w) {                                               \
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
// sample it reads, and neighbours read neighbours, whatever N and dilation_w are. Weights are
// [map][channel][s][r].
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
        const int taps = z.R * z.S;                                                                \
        float sum[MAPS][ROWS];                                                                     \
        for (int m = 0; m < MAPS; ++m) {                                                           \
            for (int j = 0; j < ROWS; ++j) sum[m][j] = 0.0f;                                       \
        }                                                                                          \
        for (int c = 0; c < z.channels; ++c) {                                                     \
            barrier(CLK_LOCAL_MEM_FENCE);                                                          \
            for (int h = y; h < height; h += TILE_ITEMS) {                                         \
                const int row = first_row + h;                                                     \
                for (int w = x; w < width; w += TILE_COLUMNS) {                                    \
                    const int column = first_column + w;                                           \
                    const bool there = row < z.rows + z.R - 1 && column < z.line;                  \
                    tile[h * width + w] =                                                          \
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
                for (int r = 0; r < z.R; ++r, from += width) {                                     \
                    const float v3 = *from;                                                        \
                    for (int m = 0; m < MAPS; ++m) {                                               \
                        const int k = g * z.maps + min(first_map + m, z.maps - 1);                 \
                        const float w = weights[(k * z.channels + c) * taps + s * z.R + r];        \
                        sum[m][0] += w * v0;                                                       \
                        sum[m][1] += w * v1;                                                       \
                        sum[m][2] += w * v2;                                                       \
                        sum[m][3] += w * v3;                                                       \
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

DEFINE_DIRECT_TILED(uchar, 1)
DEFINE_DIRECT_TILED(ushort, 1)
DEFINE_DIRECT_TILED(float, 1)
DEFINE_DIRECT_TILED(uchar, 4)
DEFINE_DIRECT_TILED(ushort, 4)
DEFINE_DIRECT_TILED(float, 4)
