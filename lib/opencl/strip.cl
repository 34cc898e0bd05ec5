// What every device kernel knows of a strip. The layout is that of gpu::StripLayout, and the
// results' that of gpu::ResultLayout; sizes are in samples, Strip's members as in the host's copy.
typedef struct {
    int columns;            // Q * N
    int rows;               // output rows of this strip
    int channels, maps;     // of one group
    int R, S;
    int N, stride_w, dilation_w, stride_h, dilation_h;
    int line, row_phase, column_phase, group;
    int result_line, result_map;
} Strip;

int row_start(const Strip* z, int p) {
    const int h = p * z->stride_h;
    return h % z->dilation_h * z->row_phase + h / z->dilation_h * z->channels * z->line;
}

int tap(const Strip* z, int s) {
    const int w = s * z->dilation_w;
    return w % z->stride_w * z->column_phase + w / z->stride_w * z->N;
}

// The bias comes last, so that a large one costs small sums no more than one rounding: line x rows x
// K work-items.
typedef struct {
    int line, rows, maps, chain;
    int group_step, chain_step, row_step, map_step;
} Results;

kernel void add_bias(global float* results, global const float* bias, Results z) {
    const int i = get_global_id(0), p = get_global_id(1), k = get_global_id(2);
    if (i >= z.line) return;
    results[k / z.maps * z.group_step + k % z.maps * z.map_step + p % z.chain * z.chain_step +
            p / z.chain * z.row_step + i] += bias[k];
}

// Results as 8-bit samples, rounded half to even and saturated, NaN becoming 0: four columns of a
// row each, line / 4 x rows x K work-items in groups of BYTES_GROUP. Those that 8 bits cannot hold
// are counted behind the samples, at lost_at: below, then above.
#define BYTES_GROUP 64

kernel __attribute__((reqd_work_group_size(BYTES_GROUP, 1, 1))) void store_bytes(
    global const float* results, global uchar* bytes, int lost_at, int columns, Results z) {
    local int below, above;
    if (get_local_id(0) == 0) below = above = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    const int i = 4 * get_global_id(0), p = get_global_id(1), k = get_global_id(2);
    if (i < columns) {
        const int at = k / z.maps * z.group_step + k % z.maps * z.map_step +
                       p % z.chain * z.chain_step + p / z.chain * z.row_step + i;
        int lost_below = 0, lost_above = 0;
        for (int j = 0; j < min(4, columns - i); ++j) {
            const float x = rint(results[at + j]);
            lost_below += !(x >= 0.0f);
            lost_above += x > 255.0f;
            bytes[at + j] = (uchar)fmin(fmax(x, 0.0f), 255.0f);
        }
        if (lost_below > 0) atomic_add(&below, lost_below);
        if (lost_above > 0) atomic_add(&above, lost_above);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    global int* lost = (global int*)(bytes + lost_at);
    if (get_local_id(0) == 0 && below > 0) atomic_add(lost, below);
    if (get_local_id(0) == 0 && above > 0) atomic_add(lost + 1, above);
}
