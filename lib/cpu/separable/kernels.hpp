#pragma once

#include <cstdint>

#include "tensor/convert.hpp"
#include "tensor/sample_type.hpp"

namespace conv {

/// Output rows that column_sums computes at once where it can, in a window of R rows.
constexpr std::int64_t column_rows_together(std::int64_t R) {
    constexpr std::int64_t kMost = 6;
    return R < kMost ? R : kMost;
}

/// One term's column over some output rows. Distances in samples.
///
///   out[t*out_step + x] = sum over r of weights[r] * line(t*row_step + r)[first + x]
///
/// where line(i) = lines[i*line_step], of samples of `type`. Nothing outside [first, first +
/// columns) of a line is read.
struct ColumnSums {
    SampleType type;
    const void* const* lines;
    std::int64_t line_step, row_step;
    std::int64_t first;
    const float* weights;
    std::int64_t R;
    float* out;
    std::int64_t out_step;
    std::int64_t rows, columns;
};

/// All terms' rows over some output rows. Distances in floats; `lines` can be read, and is ignored,
/// up to a vector beyond its last column.
///
///   sum(t, x) = bias + sum over i,s of weights[i*S + s] * lines[i*term_step + t*line_step +
///       taps[s] + x]
struct RowSums {
    const float* lines;
    std::int64_t term_step, line_step;
    const std::int64_t* taps;  ///< S places
    bool even_taps;            ///< taps[s] = s * taps[1]
    const float* weights;
    std::int64_t terms, S;
    float bias;
    bool fits_bytes;  ///< every sum rounds to 0..255
    std::int64_t rows, columns;
};

/// Each output is one float32 sum in the order of r, the same wherever it lies.
void column_sums(const ColumnSums& columns);

/// out[t*out_step + x] = sum(t, x), summed in an order that depends on terms and S alone.
void row_sums(const RowSums& rows, float* out, std::int64_t out_step);

/// The same sums rounded half to even and saturated. They must be numbers.
Lost row_sums(const RowSums& rows, std::uint8_t* out, std::int64_t out_step);

}  // namespace conv
