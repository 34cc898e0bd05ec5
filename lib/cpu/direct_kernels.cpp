#include "cpu/direct_kernels.hpp"

#include <algorithm>
#include <array>
#include <cstring>

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/direct_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<float, kDirectLanes>;
using Vector = hn::Vec<D>;
using Index = std::int64_t;

HWY_INLINE Index lanes() {
    return static_cast<Index>(hn::Lanes(D()));
}

// A block of kDirectRows x kVectors sums stays in registers over the whole window, with one row of
// vectors of the input and a weight beside it: 24 + 4 + 1 of the 32 registers of AVX-512 and NEON,
// 12 + 2 + 1 of 16 elsewhere. Each input vector is then used kDirectRows times.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr Index kVectors = 4;
#else
constexpr Index kVectors = 2;
#endif

template <Index T, Index V>
using Sums = Vector[static_cast<std::size_t>(T)][static_cast<std::size_t>(V)];

/// sums[t][v] += weights[s*R + t] * line[taps[s] + v*lanes] for all s, and t in [First, Last].
template <Index First, Index Last, Index T, Index V>
HWY_INLINE void add_line(const DirectRows& b, const float* HWY_RESTRICT line,
                         const float* HWY_RESTRICT weights, Sums<T, V>& sums) {
    const D d;
    for (Index s = 0; s < b.S; ++s, weights += b.R) {
        const float* from = line + b.taps[s];
        Vector x[std::size_t{V}];
        for (Index v = 0; v < V; ++v) x[v] = hn::LoadU(d, from + v * lanes());
        for (Index t = First; t <= Last; ++t) {
            const Vector weight = hn::Set(d, weights[t]);
            for (Index v = 0; v < V; ++v) sums[t][v] = hn::MulAdd(weight, x[v], sums[t][v]);
        }
    }
}

// Line h of a block belongs to output row t with weight row r = h - t. The first and the last lines
// of the block so serve fewer than T rows. Which rows is known at compile time, by one of:

/// A window of kR < T rows.
template <Index h, Index kR, Index T, Index V>
HWY_INLINE void add_lines_short(const DirectRows& b, const float* lines, const float* weights,
                                Sums<T, V>& sums) {
    add_line < h < kR ? 0 : h - kR + 1,
        h<T ? h : T - 1, T, V>(b, lines + h * b.line_step, weights + (kR - 1 - h), sums);
    if constexpr (h + 1 < T + kR - 1) add_lines_short<h + 1, kR, T, V>(b, lines, weights, sums);
}

/// The first T - 1 lines of a window of R >= T rows.
template <Index h, Index T, Index V>
HWY_INLINE void add_first_lines(const DirectRows& b, const float* lines, const float* weights,
                                Sums<T, V>& sums) {
    if constexpr (h < T - 1) {
        add_line<0, h, T, V>(b, lines + h * b.line_step, weights + (b.R - 1 - h), sums);
        add_first_lines<h + 1, T, V>(b, lines, weights, sums);
    }
}

/// Its last T - 1 lines, the first of which is line R and belongs to rows 1 .. T-1.
template <Index i, Index T, Index V>
HWY_INLINE void add_last_lines(const DirectRows& b, const float* lines, const float* weights,
                               Sums<T, V>& sums) {
    if constexpr (i < T) {
        add_line<i, T - 1, T, V>(b, lines + (b.R - 1 + i) * b.line_step, weights - i, sums);
        add_last_lines<i + 1, T, V>(b, lines, weights, sums);
    }
}

/// T output rows of V vectors. kR is the window's height, or 0 for any from T on.
template <Index T, Index kR, Index V>
HWY_INLINE void block(const DirectRows& b, const float* lines, float* HWY_RESTRICT out,
                      Index out_step) {
    const D d;
    Sums<T, V> sums;
    for (Index t = 0; t < T; ++t) {
        for (Index v = 0; v < V; ++v) sums[t][v] = hn::Set(d, b.bias);
    }
    const float* weights = b.weights;
    for (Index c = 0; c < b.channels; ++c) {
        if constexpr (kR > 0) {
            add_lines_short<0, kR, T, V>(b, lines, weights, sums);
        } else {
            add_first_lines<0, T, V>(b, lines, weights, sums);
            for (Index h = T - 1; h < b.R; ++h) {
                add_line<0, T - 1, T, V>(b, lines + h * b.line_step, weights + (b.R - 1 - h), sums);
            }
            add_last_lines<1, T, V>(b, lines, weights, sums);
        }
        lines += b.channel_step;
        weights += b.R * b.S;
    }
    for (Index t = 0; t < T; ++t) {
        for (Index v = 0; v < V; ++v) {
            hn::StoreU(sums[t][v], d, out + t * out_step + v * lanes());
        }
    }
}

/// T whole output rows. The last vector overlaps the one before it where the width asks for it:
/// the same sums are computed again.
template <Index T, Index kR>
void strip(const DirectRows& b, const float* lines, float* out) {
    if (b.columns < lanes()) {
        float narrow[std::size_t{T * kDirectLanes}];
        block<T, kR, 1>(b, lines, narrow, kDirectLanes);
        for (Index t = 0; t < T; ++t) {
            std::memcpy(out + t * b.out_step, narrow + t * kDirectLanes,
                        static_cast<std::size_t>(b.columns) * sizeof(float));
        }
        return;
    }
    Index x = 0;
    for (; x + kVectors * lanes() <= b.columns; x += kVectors * lanes()) {
        block<T, kR, kVectors>(b, lines + x, out + x, b.out_step);
    }
    for (; x < b.columns; x += lanes()) {
        x = std::min(x, b.columns - lanes());
        block<T, kR, 1>(b, lines + x, out + x, b.out_step);
    }
}

using Strip = void (*)(const DirectRows&, const float*, float*);
// By T, for windows of at least T rows.
constexpr std::array<Strip, std::size_t{kDirectRows + 1}> kStrips = {
    nullptr, strip<1, 0>, strip<2, 0>, strip<3, 0>, strip<4, 0>, strip<5, 0>, strip<6, 0>};
// By R, for kDirectRows output rows.
constexpr std::array<Strip, std::size_t{kDirectRows}> kShortStrips = {
    nullptr, strip<6, 1>, strip<6, 2>, strip<6, 3>, strip<6, 4>, strip<6, 5>};

void all_rows(const DirectRows& b) {
    const bool full = b.rows >= kDirectRows && b.row_step == 1;
    const Index together = full ? kDirectRows : b.row_step == 1 ? std::min(b.R, b.rows) : 1;
    for (Index t = 0; t < b.rows; t += together) {
        // The last rows overlap the ones before, as the last columns do.
        const Index first = std::min(t, b.rows - together);
        const Strip strip = together > b.R ? kShortStrips[static_cast<std::size_t>(b.R)]
                                           : kStrips[static_cast<std::size_t>(together)];
        strip(b, b.lines + first * b.row_step * b.line_step, b.out + first * b.out_step);
    }
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

}  // namespace conv
#endif  // HWY_ONCE
