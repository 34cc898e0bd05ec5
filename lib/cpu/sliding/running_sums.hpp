#pragma once

#include <cstdint>
#include <vector>

#include "cpu/sliding/cosines.hpp"

namespace conv {

/// One cosine's running sum F(n) = a * sum over s of x[n+s] * exp(-i*w*(s - c)), whose real part is
/// what the cosine adds to the result:
///   F(n+1) = exp(i*w) * F(n) + enter * x[n+S] - leave * x[n],
///   enter = a * exp(-i*w*c),   leave = a * exp(i*w*(c+1)),   c = (S-1)/2.
struct Turn {
    double cosine, sine;  ///< of w
    double enter_re, enter_im, leave_re, leave_im;
};

/// A line of taps whose sum over a window is followed as the window moves, in double precision: the
/// sum of the samples itself, exact for whole numbers, times `mean`, and the turns' real parts.
struct RunningLine {
    std::int64_t taps;
    double mean;
    std::vector<Turn> turns;

    RunningLine(const CosineSum& cosines, std::int64_t taps);

    /// Numbers that one place of a line keeps: the sum, and two for each turn.
    std::int64_t states() const { return 1 + 2 * static_cast<std::int64_t>(turns.size()); }
};

/// Rows that are summed along together, lane by lane.
inline constexpr std::int64_t kRowsAlong = 16;

/// Running sums of neighbouring columns: state[i*step + x], i < states(), x < columns.
struct ColumnStates {
    double* state;
    std::int64_t step, columns;
};
/// The rows that windows gain and lose; `leaving` is null while they fill.
struct PassingRows {
    const float *entering, *leaving;
};
/// Moves the windows down by one row. `out` is null where no result is wanted.
void slide_down(const RunningLine& line, const PassingRows& rows, const ColumnStates& sums,
                float* out);

/// kRowsAlong rows on their side: to[x*kRowsAlong + t] = rows[t*row_step + x].
void turn_rows(const float* rows, std::int64_t row_step, std::int64_t columns, float* to);

/// Rows of results.
struct ResultLines {
    float* first;
    std::int64_t step, columns, count;
};
/// And the first of them back, with a bias: first[t*step + x] = from[x*kRowsAlong + t] + bias.
void turn_back(const float* from, float bias, const ResultLines& rows);

/// Where the columns of turned rows lie, in floats.
struct TurnedColumns {
    const float* lines;
    const std::int64_t* places;  ///< of padded column w
    std::int64_t outputs, stride;
    std::int64_t out_step;
};

/// The sums along kRowsAlong rows at once:
///   out[q*out_step + t] = sum over s of taps[s] * lines[places[q*stride + s] + t].
void slide_along(const RunningLine& line, const TurnedColumns& columns, float* out);

}  // namespace conv
