// Output rows of windows of one row, for direct_rows. Included once for each instruction set.
#if defined(CONV_TILE_ROW_RUNS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CONV_TILE_ROW_RUNS_INL
#undef CONV_TILE_ROW_RUNS_INL
#else
#define CONV_TILE_ROW_RUNS_INL
#endif

#include <algorithm>

#include "cpu/tile/part_sums-inl.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

// Windows of one row share no vectors between rows, but between places of one row: tap s of the
// vector at x reads what tap s - lanes() reads of the vector lanes() taps' distance further on. For
// a fixed s % lanes(), a row of vectors that far apart is like a column, and the taps that remain
// are like a window of one column: line h of it serves vectors t = h - a with tap a*lanes().

// Vectors of a row that are computed at once, with one vector of the input and the weights of a
// portion of taps beside them: 12 + 1 + 5 of 32 registers, 8 + 1 + 5 of 16.
inline constexpr Index kRun = kVectors == 4 ? 12 : 8;
// Taps are taken in portions of up to this many times lanes(), known at compile time.
inline constexpr Index kPortion = 4;

using RunSums = Vector[std::size_t{kRun}];

/// sums[t] += taps[a*lanes()] * line[(t + a)*distance] for a in [0, A), and all t.
template <Index A>
HWY_INLINE void add_taps(const float* HWY_RESTRICT line, Index distance,
                         const float* HWY_RESTRICT taps, RunSums& sums) {
    const D d;
    Vector weights[std::size_t{A}];
    HWY_UNROLL(8)
    for (Index a = 0; a < A; ++a) weights[a] = hn::Set(d, taps[a * lanes()]);
    HWY_UNROLL(32)
    for (Index h = 0; h < kRun + A - 1; ++h, line += distance) {
        const Vector x = hn::LoadU(d, line);
        HWY_UNROLL(8)
        for (Index a = 0; a < A; ++a) {
            const Index t = h - a;
            if (t >= 0 && t < kRun) sums[t] = hn::MulAdd(weights[a], x, sums[t]);
        }
    }
}

/// `count` taps, A*lanes() <= count < (A + 1)*lanes().
template <Index A>
HWY_INLINE void add_portion(const float* HWY_RESTRICT line, Index step,
                            const float* HWY_RESTRICT taps, Index count, RunSums& sums) {
    const Index rest = count - A * lanes();
    HWY_UNROLL(1)
    for (Index s = 0; s < rest; ++s) {
        add_taps<A + 1>(line + s * step, lanes() * step, taps + s, sums);
    }
    if constexpr (A > 0) {
        const Index each = std::min(count, lanes());
        HWY_UNROLL(1)
        for (Index s = rest; s < each; ++s) {
            add_taps<A>(line + s * step, lanes() * step, taps + s, sums);
        }
    }
}

/// kRun vectors of one output row, step*lanes() apart, with taps `step` apart.
template <Index A>
HWY_INLINE void run_block(const DirectRows& b, const float* line, Index step, float* out) {
    const D d;
    const Index portion = kPortion * lanes();
    RunSums sums;
    HWY_UNROLL(16)
    for (Index t = 0; t < kRun; ++t) sums[t] = hn::Zero(d);
    Totals<kRun> totals;
    Products products;
    const float* taps = b.weights;
    for (Index c = 0; c < b.channels; ++c, line += b.channel_step, taps += b.weight_channel) {
        Index s = 0;
        for (; s + portion < b.S; s += portion) {
            if (products.full(portion)) totals.add(sums);
            add_portion<kPortion>(line + s * step, step, taps + s, portion, sums);
        }
        if (products.full(b.S - s)) totals.add(sums);
        add_portion<A>(line + s * step, step, taps + s, b.S - s, sums);
    }
    totals.finish(sums);
    HWY_UNROLL(16)
    for (Index t = 0; t < kRun; ++t) {
        hn::StoreU(hn::Add(sums[t], hn::Set(d, b.bias[0])), d, out + t * lanes() * step);
    }
}

/// A whole output row; the last run overlaps the one before it.
template <Index A>
void row_of_runs(const DirectRows& b, const float* line, float* out) {
    const Index step = b.S > 1 ? b.taps[1] : 1;
    const Index width = kRun * lanes() * step;
    for (Index first = 0; first < b.columns; first += width) {
        const Index x = std::min(first, b.columns - width);
        for (Index v = 0; v < step; ++v) {
            run_block<A>(b, line + x + v * lanes(), step, out + x + v * lanes());
        }
    }
}

/// Whether one row can be computed so: taps evenly spaced, and room for a run.
inline bool row_has_runs(const DirectRows& b) {
    if (b.R != 1 || b.weight_step != 1) return false;
    const Index step = b.S > 1 ? b.taps[1] : 1;
    for (Index s = 0; s < b.S; ++s) {
        if (b.taps[s] != s * step) return false;
    }
    return b.columns >= kRun * lanes() * step;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#endif  // include guard of each instruction set
