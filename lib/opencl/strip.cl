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

// Results start as the bias, so that products only add: line x rows x K work-items.
typedef struct {
    int line, rows, maps, chain;
    int group_step, chain_step, row_step, map_step;
} Results;

kernel void fill_bias(global float* results, global const float* bias, Results z) {
    const int i = get_global_id(0), p = get_global_id(1), k = get_global_id(2);
    if (i >= z.line) return;
    results[k / z.maps * z.group_step + k % z.maps * z.map_step + p % z.chain * z.chain_step +
            p / z.chain * z.row_step + i] = bias[k];
}
