#pragma once

#include <cstdint>
#include <limits>

namespace conv {

/// More than any bound.
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Loops over rows of samples or of cells, vectorised, the instruction set chosen at run time.

/// What is gathered of each column over a few rows.
struct ColumnFacts {
    float *sums, *squares, *most, *least;  ///< of |x|, x*x, |x|, |x|
};

/// Adds a row. NaN makes sums NaN and leaves most and least alone.
void gather_row(const float* row, std::int64_t count, const ColumnFacts& columns);

/// What is known of a row: not finite squares say that it holds NaN, infinities or more than 1e19.
struct RowFacts {
    float squares, most, least;  ///< sum of x*x, largest and smallest x
};
RowFacts facts_of_row(const float* row, std::int64_t count);

/// least[w] = min(least[w], factor * row[w]), 0 for what is not finite.
void least_of_rows(const float* row, std::int64_t count, float factor, float* least);

/// counts[w] += 1 where |row[w]| < threshold, or is NaN.
void count_row(const float* row, std::int64_t count, float threshold, float* counts);

/// to[i] += factor * from[i].
void add_cells(const float* from, std::int64_t count, float factor, float* to);

/// to[i] += from[4i] + .. + from[4i + 3].
void add_quads(const float* from, std::int64_t count, float* to);

/// row[w] *= factor; where `finite` is false, NaN and infinities become 0.
void scale_row(float* row, std::int64_t count, float factor, bool finite);

}  // namespace conv
