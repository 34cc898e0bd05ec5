// The digits' sums of whole-number kernels (gpu/digits.hpp) on their way to 8-bit samples.
typedef struct {
    int digits, base, denominator, exact;
    float inverse;
} Quotient;

// A sum over the denominator, rounded half to even, in -1..256.
int whole_quotient(int sum, Quotient q) {
    const float most = 256.0f * (float)q.denominator;
    const float x = fmin(fmax((float)sum, -(float)q.denominator), most);
    // Adding 1.5 * 2^23 rounds, in one step with the product.
    const float shift = 12582912.0f;
    int n = (int)(fma(x, q.inverse, shift) - shift);
    if (!q.exact || x == most || x == -(float)q.denominator) return n;
    // The estimate is right but near ties: the rest decides. It fits, whatever wraps on the way.
    const int rest = (int)((uint)sum - (uint)n * (uint)q.denominator);
    if (2 * rest > q.denominator || (2 * rest == q.denominator && (n & 1))) ++n;
    if (2 * rest < -q.denominator || (2 * rest == -q.denominator && (n & 1))) --n;
    return n;
}

// Four columns of a row each, line / 4 x rows x K work-items in groups of BYTES_GROUP. `z` is where
// the digits' sums lie, one plane for each, `to` where the bytes go, one plane for each map. Values
// that 8 bits cannot hold are counted behind the samples, at lost_at: below, then above.
kernel __attribute__((reqd_work_group_size(BYTES_GROUP, 1, 1))) void store_whole_bytes(
    global const float* sums, global uchar* bytes, int lost_at, int columns, Results z,
    Results to, global const int* bias, Quotient quotient) {
    local int below, above;
    if (get_local_id(0) == 0) below = above = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    const int i = 4 * get_global_id(0), p = get_global_id(1), k = get_global_id(2);
    if (i < columns) {
        const int from = k * quotient.digits * z.map_step + p * z.row_step + i;
        const int at = k * to.map_step + p * to.row_step + i;
        int lost_below = 0, lost_above = 0;
        for (int j = 0; j < min(4, columns - i); ++j) {
            uint sum = 0;
            for (int d = quotient.digits - 1; d >= 0; --d) {
                sum = sum * (uint)quotient.base + (uint)(int)sums[from + d * z.map_step + j];
            }
            const int x = whole_quotient((int)(sum + (uint)bias[k]), quotient);
            lost_below += x < 0;
            lost_above += x > 255;
            bytes[at + j] = (uchar)min(max(x, 0), 255);
        }
        if (lost_below > 0) atomic_add(&below, lost_below);
        if (lost_above > 0) atomic_add(&above, lost_above);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    global int* lost = (global int*)(bytes + lost_at);
    if (get_local_id(0) == 0 && below > 0) atomic_add(lost, below);
    if (get_local_id(0) == 0 && above > 0) atomic_add(lost + 1, above);
}
