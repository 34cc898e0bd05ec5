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
// are. Every work-item reads the same weights at the same time, all maps of a cell as one vector.
#define TILE_COLUMNS 64
#define TILE_ITEMS 4
#define ROWS 4

#define VECTOR_1 float
#define VECTOR_2 float2
#define VECTOR_4 float4
#define VECTOR_8 float8
#define LOAD_1(from) (*(from))
#define LOAD_2(from) vload2(0, from)
#define LOAD_4(from) vload4(0, from)
#define LOAD_8(from) vload8(0, from)
#define STORE_1(values, to) (*(to) = (values))
#define STORE_2(values, to) vstore2(values, 0, to)
#define STORE_4(values, to) vstore4(values, 0, to)
#define STORE_8(values, to) vstore8(values, 0, to)

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
        VECTOR_##MAPS sum0 = 0.0f, sum1 = 0.0f, sum2 = 0.0f, sum3 = 0.0f;                          \
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
                /* Columns are summed apart, so that large windows do not drift. */                \
                VECTOR_##MAPS col0 = 0.0f, col1 = 0.0f, col2 = 0.0f, col3 = 0.0f;                  \
                for (int r = 0; r < z.R; ++r, from += width, w += MAPS) {                          \
                    const float v3 = *from;                                                        \
                    const VECTOR_##MAPS cell = LOAD_##MAPS(w);                                     \
                    col0 += cell * v0;                                                             \
                    col1 += cell * v1;                                                             \
                    col2 += cell * v2;                                                             \
                    col3 += cell * v3;                                                             \
                    v0 = v1;                                                                       \
                    v1 = v2;                                                                       \
                    v2 = v3;                                                                       \
                }                                                                                  \
                sum0 += col0;                                                                      \
                sum1 += col1;                                                                      \
                sum2 += col2;                                                                      \
                sum3 += col3;                                                                      \
            }                                                                                      \
        }                                                                                          \
        const int i = first_column + x;                                                            \
        float sum[ROWS][MAPS];                                                                     \
        STORE_##MAPS(sum0, sum[0]);                                                                \
        STORE_##MAPS(sum1, sum[1]);                                                                \
        STORE_##MAPS(sum2, sum[2]);                                                                \
        STORE_##MAPS(sum3, sum[3]);                                                                \
        for (int m = 0; m < MAPS && first_map + m < z.maps; ++m) {                                 \
            const int k = g * z.maps + first_map + m;                                              \
            for (int j = 0; j < ROWS; ++j) {                                                       \
                const int p = first_row + y * ROWS + j;                                            \
                if (i < z.columns && p < z.rows) {                                                 \
                    results[k * z.result_map + p * z.result_line + i] = sum[j][m] + bias[k];       \
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

// One map, small square windows of known size: a work-item computes 4 x ROWS outputs from
// registers, with 16-byte accesses to local and global memory throughout. From one horizontal tap
// to the next lie STEP samples.
#define PLANE_X 32
#define PLANE_Y 8

#define DEFINE_DIRECT_PLANE(SAMPLE, WINDOW, STEP)                                                  \
    kernel __attribute__((reqd_work_group_size(PLANE_X, PLANE_Y, 1))) void                         \
        direct_plane_##SAMPLE##_##WINDOW##_##STEP(                                                 \
            global const SAMPLE* input, global const float* weights, global const float* bias,     \
            global float* results, Strip z) {                                                      \
        enum {                                                                                     \
            kQuads = (4 + (WINDOW - 1) * STEP + 3) / 4,                                            \
            kLine = PLANE_X - 1 + kQuads,                                                          \
            kHeight = PLANE_Y * ROWS + WINDOW - 1                                                  \
        };                                                                                         \
        local float4 tile[kHeight * kLine];                                                        \
        const int x = get_local_id(0), y = get_local_id(1), k = get_group_id(2);                   \
        const int first_column = get_group_id(0) * PLANE_X * 4;                                    \
        const int first_row = get_group_id(1) * PLANE_Y * ROWS;                                    \
        float4 sum[ROWS];                                                                          \
        for (int j = 0; j < ROWS; ++j) sum[j] = 0.0f;                                              \
        for (int c = 0; c < z.channels; ++c) {                                                     \
            float w[WINDOW * WINDOW];                                                              \
            global const float* cells = weights + (k * z.channels + c) * WINDOW * WINDOW;          \
            _Pragma("unroll") for (int i = 0; i < WINDOW * WINDOW; ++i) w[i] = cells[i];           \
            global const SAMPLE* channel = input + k * z.group + c * z.line;                       \
            barrier(CLK_LOCAL_MEM_FENCE);                                                          \
            for (int i = y * PLANE_X + x; i < kHeight * kLine; i += PLANE_X * PLANE_Y) {           \
                const int row = first_row + i / kLine, column = first_column + i % kLine * 4;      \
                const bool there = row < z.rows + WINDOW - 1 && column < z.line;                   \
                tile[i] = there ? convert_float4(vload4(0, channel + row * z.channels * z.line +   \
                                                               column))                            \
                                : (float4)(0.0f);                                                  \
            }                                                                                      \
            barrier(CLK_LOCAL_MEM_FENCE);                                                          \
            _Pragma("unroll") for (int h = 0; h < ROWS + WINDOW - 1; ++h) {                        \
                float v[4 * kQuads];                                                               \
                local const float4* line = tile + (y * ROWS + h) * kLine + x;                      \
                _Pragma("unroll") for (int q = 0; q < kQuads; ++q) vstore4(line[q], q, v);         \
                _Pragma("unroll") for (int j = 0; j < ROWS; ++j) {                                 \
                    const int r = h - j;                                                           \
                    if (r < 0 || r >= WINDOW) continue;                                            \
                    _Pragma("unroll") for (int s = 0; s < WINDOW; ++s) {                           \
                        sum[j] += w[s * WINDOW + r] * vload4(0, v + s * STEP);                     \
                    }                                                                              \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        /* A line of results is a multiple of 16 floats: whole quads fit. */                       \
        const int i = first_column + 4 * x;                                                        \
        for (int j = 0; j < ROWS; ++j) {                                                           \
            const int p = first_row + y * ROWS + j;                                                \
            if (i < z.columns && p < z.rows) {                                                     \
                vstore4(sum[j] + bias[k], 0, results + k * z.result_map + p * z.result_line + i);  \
            }                                                                                      \
        }                                                                                          \
    }

#define DEFINE_DIRECT_PLANES(WINDOW, STEP)                                                         \
    DEFINE_DIRECT_PLANE(uchar, WINDOW, STEP)                                                       \
    DEFINE_DIRECT_PLANE(ushort, WINDOW, STEP)                                                      \
    DEFINE_DIRECT_PLANE(float, WINDOW, STEP)

DEFINE_DIRECT_PLANES(3, 1)
DEFINE_DIRECT_PLANES(5, 1)
DEFINE_DIRECT_PLANES(7, 1)
DEFINE_DIRECT_PLANES(3, 3)
DEFINE_DIRECT_PLANES(5, 3)
DEFINE_DIRECT_PLANES(7, 3)
