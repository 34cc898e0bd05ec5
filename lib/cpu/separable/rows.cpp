#include "cpu/separable/kernels.hpp"

#include <algorithm>
#include <array>

#include "cpu/tile/lanes.hpp"

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/separable/rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tensor/round_bytes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Index = std::int64_t;
using Full = hn::CappedTag<float, kLanes>;

HWY_INLINE Index lanes() {
    return static_cast<Index>(hn::Lanes(Full()));
}

#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr bool kManyRegisters = true;
#else
constexpr bool kManyRegisters = false;
#endif

// Tap s of the vector at x reads what tap s - lanes() reads of the vector lanes() taps'
// distance further on. For a fixed s % lanes(), a row of vectors that far apart is like a column,
// and the taps that remain are like a window of one column: line h of it serves vectors t = h - a
// with tap a*lanes().

// Vectors of a row that are computed at once, with one vector of the input and the weights of a
// portion of taps beside them: 12 + 1 + 5 of 32 registers; of 16, 12 + 1 + 2 or 8 + 1 + 5.
constexpr Index vectors_at_once(Index weights) {
    return kManyRegisters || weights <= 2 ? 12 : 8;
}
// What a run leaves at the end of a row.
constexpr Index kShortRun = 4;
// Taps are taken in portions of up to this many times lanes(), known at compile time.
constexpr Index kPortion = 4;

using V = hn::Vec<Full>;
template <Index Count>
using Run = V[static_cast<std::size_t>(Count)];

/// Stores sums as they are.
struct FloatWriter {
    float* out;

    template <Index Count>
    HWY_INLINE void store(const Run<Count>& sums, Index x, Index distance) const {
        HWY_UNROLL(16)
        for (Index t = 0; t < Count; ++t) hn::StoreU(sums[t], Full(), out + x + t * distance);
    }
    void store_some(V sum, Index x, Index count) const {
        HWY_ALIGN float values[kLanes];
        hn::Store(sum, Full(), values);
        std::copy_n(values, count, out + x);
    }
};

/// Rounds and saturates. Sums outside the range are rare: whether there are any is asked for
/// several vectors at once, and they are counted only then. Fits: there are none.
template <bool Fits>
struct ByteWriter {
    std::uint8_t* out;
    Lost* lost;

    using Ints = hn::Rebind<std::int32_t, Full>;
    using Bytes = hn::Rebind<std::uint8_t, Full>;

    template <Index Count>
    HWY_INLINE void store(const Run<Count>& sums, Index x, Index distance) const {
        constexpr Index kTogether = Count % kRoundedVectors == 0 ? kRoundedVectors : 1;
        HWY_UNROLL(4)
        for (Index t = 0; t < Count; t += kTogether) {
            store_vectors<kTogether>(sums + t, out + x + t * distance, distance);
        }
    }
    void store_some(V sum, Index x, Index count) const {
        std::uint8_t levels[kLanes];
        saturate_some(sum, count, levels);
        std::copy_n(levels, count, out + x);
    }

private:
    template <Index Count>
    HWY_INLINE void store_vectors(const V* sums, std::uint8_t* to, Index distance) const {
        if constexpr (Count == kRoundedVectors) {
            HWY_ALIGN std::uint8_t levels[kRoundedVectors * kLanes];
            const bool adjoining = distance == lanes();
            if (round_bytes<Fits>(Full(), sums, adjoining ? to : levels)) {
                if (adjoining) return;
                HWY_UNROLL(4)
                for (Index t = 0; t < Count; ++t) {
                    const auto part = hn::LoadU(Bytes(), levels + t * lanes());
                    hn::StoreU(part, Bytes(), to + t * distance);
                }
                return;
            }
        }
        // A copy, so that the sums themselves need no place in memory.
        HWY_ALIGN float copied[static_cast<std::size_t>(Count * kLanes)];
        HWY_UNROLL(4)
        for (Index t = 0; t < Count; ++t) hn::Store(sums[t], Full(), copied + t * lanes());
        saturate<Count>(copied, to, distance);
    }
    template <Index Count>
    HWY_NOINLINE void saturate(const float* sums, std::uint8_t* to, Index distance) const {
        for (Index t = 0; t < Count; ++t) {
            saturate_some(hn::Load(Full(), sums + t * lanes()), lanes(), to + t * distance);
        }
    }
    /// Counts the first `count` samples.
    HWY_INLINE void saturate_some(V sum, Index count, std::uint8_t* to) const {
        const Full d;
        const auto rounded = hn::Round(sum);
        const auto counted = hn::FirstN(d, static_cast<std::size_t>(count));
        const auto below = hn::Lt(rounded, hn::Zero(d)), above = hn::Gt(rounded, hn::Set(d, 255));
        lost->below += static_cast<Index>(hn::CountTrue(d, hn::And(counted, below)));
        lost->above += static_cast<Index>(hn::CountTrue(d, hn::And(counted, above)));
        const auto inside = hn::Min(hn::Max(rounded, hn::Zero(d)), hn::Set(d, 255));
        hn::StoreU(hn::DemoteTo(Bytes(), hn::ConvertTo(Ints(), inside)), Bytes(), to);
    }
};

/// sums[t] += taps[a*lanes()] * line[a*lanes()*step + t*distance] for a in [0, A) in order, and all
/// t. Spaced: distance is lanes()*step, else lanes().
template <Index A, Index Count, bool Spaced>
HWY_INLINE void add_taps(const float* HWY_RESTRICT line, Index step, const float* HWY_RESTRICT taps,
                         Run<Count>& sums) {
    const Full d;
    V weights[std::size_t{A}];
    HWY_UNROLL(8)
    for (Index a = 0; a < A; ++a) weights[a] = hn::Set(d, taps[a * lanes()]);
    if constexpr (Spaced) {
        HWY_UNROLL(32)
        for (Index h = 0; h < Count + A - 1; ++h) {
            const V x = hn::LoadU(d, line + h * lanes() * step);
            HWY_UNROLL(8)
            for (Index a = 0; a < A; ++a) {
                const Index t = h - a;
                if (t >= 0 && t < Count) sums[t] = hn::MulAdd(weights[a], x, sums[t]);
            }
        }
    } else {
        HWY_UNROLL(8)
        for (Index a = 0; a < A; ++a) {
            const float* from = line + a * lanes() * step;
            HWY_UNROLL(16)
            for (Index t = 0; t < Count; ++t) {
                sums[t] = hn::MulAdd(weights[a], hn::LoadU(d, from + t * lanes()), sums[t]);
            }
        }
    }
}

/// `count` taps, A*lanes() <= count < (A + 1)*lanes().
template <Index A, Index Count, bool Spaced>
HWY_INLINE void add_portion(const float* HWY_RESTRICT line, Index step,
                            const float* HWY_RESTRICT taps, Index count, Run<Count>& sums) {
    const Index rest = count - A * lanes();
    HWY_UNROLL(1)
    for (Index s = 0; s < rest; ++s) {
        add_taps<A + 1, Count, Spaced>(line + s * step, step, taps + s, sums);
    }
    if constexpr (A > 0) {
        const Index each = std::min(count, lanes());
        HWY_UNROLL(1)
        for (Index s = rest; s < each; ++s) {
            add_taps<A, Count, Spaced>(line + s * step, step, taps + s, sums);
        }
    }
}

/// Last, so that a large bias costs small sums no more than one rounding.
template <Index Count>
HWY_INLINE void add_bias(const RowSums& r, Run<Count>& sums) {
    const V bias = hn::Set(Full(), r.bias);
    HWY_UNROLL(16)
    for (Index t = 0; t < Count; ++t) sums[t] = hn::Add(sums[t], bias);
}

/// Count vectors of one output row, A as for the last portion of taps.
template <Index A, Index Count, bool Spaced>
HWY_INLINE void add_window(const RowSums& r, const float* line, Run<Count>& sums) {
    const Index portion = kPortion * lanes(), step = r.taps[1];
    HWY_UNROLL(16)
    for (Index t = 0; t < Count; ++t) sums[t] = hn::Zero(Full());
    const float* taps = r.weights;
    for (Index i = 0; i < r.terms; ++i, line += r.term_step, taps += r.S) {
        Index s = 0;
        for (; s + portion < r.S; s += portion) {
            add_portion<kPortion, Count, Spaced>(line + s * step, step, taps + s, portion, sums);
        }
        add_portion<A, Count, Spaced>(line + s * step, step, taps + s, r.S - s, sums);
    }
    add_bias<Count>(r, sums);
}

/// How the taps of a window share vectors.
template <Index A>
struct Shared {
    static constexpr Index kAtOnce = vectors_at_once(A + 1);
    template <Index Count, bool Spaced>
    static HWY_INLINE void add(const RowSums& r, const float* line, Run<Count>& sums) {
        add_window<A, Count, Spaced>(r, line, sums);
    }
    static Index step(const RowSums& r) { return r.taps[1]; }
};

/// Taps anywhere, which share none: vectors are neighbours.
struct Alone {
    static constexpr Index kAtOnce = vectors_at_once(1);
    template <Index Count, bool Spaced>
    static HWY_INLINE void add(const RowSums& r, const float* line, Run<Count>& sums) {
        const Full d;
        HWY_UNROLL(16)
        for (Index t = 0; t < Count; ++t) sums[t] = hn::Zero(d);
        const float* weights = r.weights;
        for (Index i = 0; i < r.terms; ++i, line += r.term_step, weights += r.S) {
            HWY_UNROLL(1)
            for (Index s = 0; s < r.S; ++s) {
                const float* from = line + r.taps[s];
                const V weight = hn::Set(d, weights[s]);
                HWY_UNROLL(16)
                for (Index t = 0; t < Count; ++t) {
                    sums[t] = hn::MulAdd(weight, hn::LoadU(d, from + t * lanes()), sums[t]);
                }
            }
        }
        add_bias<Count>(r, sums);
    }
    static Index step(const RowSums&) { return 1; }
};

template <class Window, Index Count, class Writer>
HWY_INLINE void contiguous_run(const RowSums& r, const float* line, Index x, const Writer& writer) {
    Run<Count> sums;
    Window::template add<Count, false>(r, line + x, sums);
    writer.template store<Count>(sums, x, lanes());
}

/// A whole output row. No sample is computed twice, so that none is counted twice.
template <class Window, class Writer>
void row_of_runs(const RowSums& r, const float* line, const Writer& writer) {
    const Index step = Window::step(r);
    constexpr Index kAtOnce = Window::kAtOnce;
    const Index width = kAtOnce * lanes() * step;
    Index x = 0;
    for (; x + width <= r.columns; x += width) {
        for (Index v = x; v < x + step * lanes(); v += lanes()) {
            Run<kAtOnce> sums;
            Window::template add<kAtOnce, true>(r, line + v, sums);
            writer.template store<kAtOnce>(sums, v, lanes() * step);
        }
    }
    for (; x + kShortRun * lanes() <= r.columns; x += kShortRun * lanes()) {
        contiguous_run<Window, kShortRun>(r, line, x, writer);
    }
    for (; x + lanes() <= r.columns; x += lanes()) contiguous_run<Window, 1>(r, line, x, writer);
    if (x < r.columns) {
        Run<1> sums;
        Window::template add<1, false>(r, line + x, sums);
        writer.store_some(sums[0], x, r.columns - x);
    }
}

template <class Writer>
using RowOfRuns = void (*)(const RowSums&, const float*, const Writer&);
// By the last portion's whole lanes().
template <class Writer>
constexpr std::array<RowOfRuns<Writer>, std::size_t{kPortion + 1}> kRowKernels = {
    row_of_runs<Shared<0>, Writer>, row_of_runs<Shared<1>, Writer>, row_of_runs<Shared<2>, Writer>,
    row_of_runs<Shared<3>, Writer>, row_of_runs<Shared<4>, Writer>};

template <class Writer>
RowOfRuns<Writer> row_kernel(const RowSums& r) {
    // Where few taps share vectors, the short loop over all of them is faster. Measured: 21 taps
    // are and 31 are not for 16 lanes and 32 registers, 15 are and 21 are not for 8 and 16.
    constexpr Index kLeastQuarters = kManyRegisters ? 7 : 8;
    if (4 * r.S < kLeastQuarters * lanes() || !r.even_taps) return row_of_runs<Alone, Writer>;
    const Index last = (r.S - 1) % (kPortion * lanes()) + 1;
    return kRowKernels<Writer>[static_cast<std::size_t>(last / lanes())];
}

void rows_of_floats(const RowSums& r, float* out, Index out_step) {
    const auto kernel = row_kernel<FloatWriter>(r);
    for (Index t = 0; t < r.rows; ++t) {
        kernel(r, r.lines + t * r.line_step, FloatWriter{out + t * out_step});
    }
}

template <bool Fits>
Lost rounded_rows(const RowSums& r, std::uint8_t* out, Index out_step) {
    Lost lost;
    const auto kernel = row_kernel<ByteWriter<Fits>>(r);
    for (Index t = 0; t < r.rows; ++t) {
        kernel(r, r.lines + t * r.line_step, ByteWriter<Fits>{out + t * out_step, &lost});
    }
    return lost;
}

Lost rows_of_bytes(const RowSums& r, std::uint8_t* out, Index out_step) {
    return r.fits_bytes ? rounded_rows<true>(r, out, out_step)
                        : rounded_rows<false>(r, out, out_step);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(rows_of_floats);
HWY_EXPORT(rows_of_bytes);

void row_sums(const RowSums& rows, float* out, std::int64_t out_step) {
    HWY_DYNAMIC_DISPATCH(rows_of_floats)(rows, out, out_step);
}

Lost row_sums(const RowSums& rows, std::uint8_t* out, std::int64_t out_step) {
    return HWY_DYNAMIC_DISPATCH(rows_of_bytes)(rows, out, out_step);
}

}  // namespace conv
#endif  // HWY_ONCE
