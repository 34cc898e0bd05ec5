#include "cpu/tile/direct_rows.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/size.hpp"
#include "cpu/tile/lanes.hpp"

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/tile/direct_rows.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/tile/part_sums-inl.hpp"
#include "cpu/tile/row_runs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

/// Part of a window: rows [r, r + rows), taps [s, s + taps).
struct Part {
    Index r, rows, s, taps;
};

/// T rows of V vectors. Vector v covers columns from v*lanes() on, but the last one from `last` on,
/// so that it can end with the picture.
template <Index T, Index V>
struct Block {
    Vector sums[static_cast<std::size_t>(T)][static_cast<std::size_t>(V)];
    Index last;

    HWY_INLINE Index place(Index v) const { return v + 1 < V ? v * lanes() : last; }
};

/// sums[t][v] += weights[s*step + t] * line[taps[s] + place(v)] for the taps of a part, and t in
/// [First, Last]. `weights` are those of tap 0.
template <Index First, Index Last, Index T, Index V>
HWY_INLINE void add_line(const DirectRows& b, const Part& part, const float* HWY_RESTRICT line,
                         const float* HWY_RESTRICT weights, Index step, Block<T, V>& block) {
    const D d;
    weights += part.s * step;
    for (Index s = part.s; s < part.s + part.taps; ++s, weights += step) {
        const float* from = line + b.taps[s];
        Vector x[std::size_t{V}];
        for (Index v = 0; v < V; ++v) x[v] = hn::LoadU(d, from + block.place(v));
        for (Index t = First; t <= Last; ++t) {
            const Vector weight = hn::Set(d, weights[t]);
            Vector* sums = block.sums[t];
            for (Index v = 0; v < V; ++v) sums[v] = hn::MulAdd(weight, x[v], sums[v]);
        }
    }
}

// Line h of a part belongs to output row t with weight row r = h - t of the part. The first and the
// last lines of the block so serve fewer than T rows. Which rows is known at compile time, by one
// of:

/// A window of kR < T rows.
template <Index h, Index kR, Index T, Index V>
HWY_INLINE void add_lines_short(const DirectRows& b, const Part& part, const float* lines,
                                const float* weights, Block<T, V>& block) {
    add_line < h < kR ? 0 : h - kR + 1,
        h<T ? h : T - 1, T, V>(b, part, lines + h * b.line_step, weights + (kR - 1 - h),
                               b.weight_step, block);
    if constexpr (h + 1 < T + kR - 1) {
        add_lines_short<h + 1, kR, T, V>(b, part, lines, weights, block);
    }
}

/// The first T - 1 lines of a part of at least T rows.
template <Index h, Index T, Index V>
HWY_INLINE void add_first_lines(const DirectRows& b, const Part& part, const float* lines,
                                const float* weights, Block<T, V>& block) {
    if constexpr (h < T - 1) {
        add_line<0, h, T, V>(b, part, lines + h * b.line_step, weights + (part.rows - 1 - h),
                             b.weight_step, block);
        add_first_lines<h + 1, T, V>(b, part, lines, weights, block);
    }
}

/// Its last T - 1 lines, the first of which is line `part.rows` and belongs to rows 1 .. T-1.
template <Index i, Index T, Index V>
HWY_INLINE void add_last_lines(const DirectRows& b, const Part& part, const float* lines,
                               const float* weights, Block<T, V>& block) {
    if constexpr (i < T) {
        add_line<i, T - 1, T, V>(b, part, lines + (part.rows - 1 + i) * b.line_step, weights - i,
                                 b.weight_step, block);
        add_last_lines<i + 1, T, V>(b, part, lines, weights, block);
    }
}

// In place of a window's height: T maps of one row, which all use every line.
constexpr Index kMaps = -1;

/// One part of one channel for T output rows or maps. kR is the window's height, or 0 for any from
/// T on.
template <Index T, Index kR, Index V>
HWY_INLINE void add_part(const DirectRows& b, const Part& part, const float* lines,
                         const float* weights, Block<T, V>& block) {
    lines += part.r * b.line_step;
    if constexpr (kR == kMaps) {
        for (Index r = 0; r < part.rows; ++r) {
            add_line<0, T - 1, T, V>(b, part, lines + r * b.line_step,
                                     weights + (part.r + r) * b.weight_row, T, block);
        }
    } else if constexpr (kR > 0) {
        add_lines_short<0, kR, T, V>(b, part, lines, weights, block);
    } else {
        weights += b.R - part.r - part.rows;
        add_first_lines<0, T, V>(b, part, lines, weights, block);
        for (Index h = T - 1; h < part.rows; ++h) {
            add_line<0, T - 1, T, V>(b, part, lines + h * b.line_step,
                                     weights + (part.rows - 1 - h), b.weight_step, block);
        }
        add_last_lines<1, T, V>(b, part, lines, weights, block);
    }
}

/// The rows of a window that are added up together, at least T.
template <Index T>
HWY_INLINE Index rows_of_parts(const DirectRows& b) {
    if (b.R <= kProductsTogether) return b.R;
    const Index parts = ceil_div(b.R, kProductsTogether);
    return ceil_div(b.R, parts);
}

/// T output rows or maps of V vectors.
template <Index T, Index kR, Index V>
HWY_INLINE void sum_block(const DirectRows& b, const float* lines, Index last,
                          float* HWY_RESTRICT out, Index out_step) {
    const D d;
    Block<T, V> block;
    block.last = last;
    for (Index t = 0; t < T; ++t) {
        for (Vector& sum : block.sums[t]) sum = hn::Zero(d);
    }
    Totals<T * V> totals;
    Products products;
    const float* weights = b.weights;
    const Index rows = rows_of_parts<T>(b);
    const Index taps = std::clamp<Index>(kProductsTogether / rows, 1, b.S);
    for (Index c = 0; c < b.channels; ++c, lines += b.channel_step, weights += b.weight_channel) {
        for (Index r = 0; r < b.R; r += rows) {
            for (Index s = 0; s < b.S; s += taps) {
                const Part part{r, std::min(rows, b.R - r), s, std::min(taps, b.S - s)};
                if (products.full(part.rows * part.taps)) totals.add(block.sums[0]);
                add_part<T, kR, V>(b, part, lines, weights, block);
            }
        }
    }
    totals.finish(block.sums[0]);
    // Vectors that overlap others are not aligned.
    const bool past_caches = V == kVectors && b.past_caches && last % lanes() == 0;
    for (Index t = 0; t < T; ++t) {
        const Vector bias = hn::Set(d, b.bias[kR == kMaps ? t : 0]);
        for (Index v = 0; v < V; ++v) {
            const Vector sum = hn::Add(block.sums[t][v], bias);
            float* to = out + t * out_step + block.place(v);
            if (past_caches) {
                hn::Stream(sum, d, to);
            } else {
                hn::StoreU(sum, d, to);
            }
        }
    }
}

/// Asks for what T rows of a low window read next: with little to compute on each vector, the
/// processor's own guesses come late when so many rows are read at once.
template <Index T, Index kR>
HWY_INLINE void prefetch_next_rows(const DirectRows& b, const float* lines) {
    if constexpr (kR > 0) {
        if (!b.far) return;
        lines += (T + kR - 1) * b.line_step;
        for (Index t = 0; t < T; ++t, lines += b.line_step) {
            for (Index v = 0; v < kVectors; ++v) hwy::Prefetch(lines + v * lanes());
        }
    }
}

/// The last columns of T output rows or maps, in as few vectors as hold them. The last vector may
/// overlap what is computed already: the same sums are computed again.
template <Index T, Index kR, Index V>
HWY_INLINE void sum_last_columns(const DirectRows& b, const float* lines, Index columns, float* out,
                                 Index out_step) {
    if constexpr (V > 1) {
        if (columns <= (V - 1) * lanes()) {
            sum_last_columns<T, kR, V - 1>(b, lines, columns, out, out_step);
            return;
        }
    }
    sum_block<T, kR, V>(b, lines, columns - lanes(), out, out_step);
}

/// T whole output rows or maps.
template <Index T, Index kR>
void strip(const DirectRows& b, const float* lines, float* out) {
    const Index out_step = kR == kMaps ? b.map_step : b.out_step;
    if (b.columns < lanes()) {
        float narrow[std::size_t{T * kLanes}];
        sum_block<T, kR, 1>(b, lines, 0, narrow, kLanes);
        for (Index t = 0; t < T; ++t) {
            std::memcpy(out + t * out_step, narrow + t * kLanes,
                        static_cast<std::size_t>(b.columns) * sizeof(float));
        }
        return;
    }
    const Index width = kVectors * lanes();
    Index x = 0;
    for (; x + width <= b.columns; x += width) {
        prefetch_next_rows<T, kR>(b, lines + x);
        sum_block<T, kR, kVectors>(b, lines + x, width - lanes(), out + x, out_step);
    }
    if (x < b.columns) {
        sum_last_columns<T, kR, kVectors>(b, lines + x, b.columns - x, out + x, out_step);
    }
}

using Strip = void (*)(const DirectRows&, const float*, float*);
// By T, for windows of at least T rows.
constexpr std::array<Strip, std::size_t{kRowsTogether + 1}> kStrips = {
    nullptr, strip<1, 0>, strip<2, 0>, strip<3, 0>, strip<4, 0>, strip<5, 0>, strip<6, 0>};
// By R, for kRowsTogether output rows.
constexpr std::array<Strip, std::size_t{kRowsTogether}> kShortStrips = {
    nullptr, strip<6, 1>, strip<6, 2>, strip<6, 3>, strip<6, 4>, strip<6, 5>};
// By the number of maps.
constexpr std::array<Strip, std::size_t{kRowsTogether + 1}> kMapStrips = {
    nullptr,         nullptr,         strip<2, kMaps>, strip<3, kMaps>,
    strip<4, kMaps>, strip<5, kMaps>, strip<6, kMaps>};
// By the last portion's whole lanes().
constexpr std::array<Strip, std::size_t{kPortion + 1}> kRowsOfRuns = {
    row_of_runs<0>, row_of_runs<1>, row_of_runs<2>, row_of_runs<3>, row_of_runs<4>};

/// How many rows to compute at once, and with what.
struct Step {
    Index together;
    Strip strip;
};

Step choose_step(const DirectRows& b) {
    if (b.maps > 1) return {1, kMapStrips[static_cast<std::size_t>(b.maps)]};
    if (row_has_runs(b)) {
        const Index last = (b.S - 1) % (kPortion * lanes()) + 1;
        return {1, kRowsOfRuns[static_cast<std::size_t>(last / lanes())]};
    }
    if (b.row_step != 1) return {1, kStrips[1]};
    if (b.rows >= kRowsTogether && b.R < kRowsTogether) {
        return {kRowsTogether, kShortStrips[static_cast<std::size_t>(b.R)]};
    }
    const Index together = std::min({kRowsTogether, b.R, b.rows});
    return {together, kStrips[static_cast<std::size_t>(together)]};
}

void all_rows(const DirectRows& b) {
    const auto [together, strip] = choose_step(b);
    for (Index t = 0; t < b.rows; t += together) {
        // The last rows overlap the ones before, as the last columns do.
        const Index first = std::min(t, b.rows - together);
        strip(b, b.lines + first * b.row_step * b.line_step, b.out + first * b.out_step);
    }
    if (b.past_caches) hwy::FlushStream();
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(all_rows);

void direct_rows(const DirectRows& rows) {
    HWY_DYNAMIC_DISPATCH(all_rows)(rows);
}

bool maps_share_lines(std::int64_t R, std::int64_t row_step, std::int64_t maps) {
    const bool rows_share = row_step == 1 && R >= kRowsTogether;
    return !rows_share && maps >= kLeastMaps;
}

// Blocks of few vectors have too few sums to hide that each waits for the one before; measured.
double direct_columns_vectors(std::int64_t columns) {
    constexpr std::array<double, 4> kRest = {0, 1.6, 2.3, 3.1};
    constexpr std::int64_t kBlock = kRest.size();
    const std::int64_t vectors = ceil_div(columns, vector_lanes());
    const std::int64_t rest = vectors % kBlock;
    return static_cast<double>(vectors - rest) + kRest[static_cast<std::size_t>(rest)];
}

std::vector<float> direct_weights(const float* weights, std::int64_t channels, std::int64_t R,
                                  std::int64_t S) {
    std::vector<float> packed;
    packed.reserve(static_cast<std::size_t>(channels * R * S));
    for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t s = 0; s < S; ++s) {
            for (std::int64_t r = R - 1; r >= 0; --r) {
                packed.push_back(weights[(c * R + r) * S + s]);
            }
        }
    }
    return packed;
}

std::vector<float> direct_map_weights(const float* weights, std::int64_t maps,
                                      std::int64_t window) {
    std::vector<float> packed;
    packed.reserve(static_cast<std::size_t>(maps * window));
    for (std::int64_t i = 0; i < window; ++i) {
        for (std::int64_t k = 0; k < maps; ++k) packed.push_back(weights[k * window + i]);
    }
    return packed;
}

}  // namespace conv
#endif  // HWY_ONCE
