// The column matrix of one group of a strip: row (c * R + r) * S + s, column p * result_line + i;
// result_line x rows x channels*R*S work-items. Columns past the result's are zero.
#define DEFINE_IM2COL(SAMPLE)                                                                      \
    kernel void im2col_##SAMPLE(global const SAMPLE* input, int first, global float* columns,     \
                                Strip z) {                                                         \
        const int i = get_global_id(0), p = get_global_id(1), row = get_global_id(2);              \
        if (i >= z.result_line) return;                                                           \
        const int s = row % z.S, r = row / z.S % z.R, c = row / (z.S * z.R);                       \
        const int at =                                                                             \
            first + row_start(&z, p) + (r * z.channels + c) * z.line + tap(&z, s) + i;             \
        columns[((long)row * z.rows + p) * z.result_line + i] =                                    \
            i < z.columns ? (float)input[at] : 0.0f;                                               \
    }

DEFINE_IM2COL(uchar)
DEFINE_IM2COL(ushort)
DEFINE_IM2COL(float)
