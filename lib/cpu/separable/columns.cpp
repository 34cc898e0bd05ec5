#include "cpu/separable/kernels.hpp"

#include <algorithm>
#include <array>

#include "cpu/tile/lanes.hpp"

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/separable/columns.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Index = std::int64_t;
using Full = hn::CappedTag<float, kLanes>;
using One = hn::CappedTag<float, 1>;

HWY_INLINE Index lanes() {
    return static_cast<Index>(hn::Lanes(Full()));
}

#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr bool kManyRegisters = true;
#else
constexpr bool kManyRegisters = false;
#endif

// T x kVectors sums stay in registers over the whole window, with one row of vectors
// of the input and a weight beside it: 24 + 4 + 1 of 32 registers, 12 + 2 + 1 of 16.
constexpr Index kVectors = kManyRegisters ? 4 : 2;

template <class D>
HWY_INLINE hn::Vec<D> load(D d, const float* from) {
    return hn::LoadU(d, from);
}
template <class D, typename T>
HWY_INLINE hn::Vec<D> load(D d, const T* from) {
    const hn::Rebind<T, D> samples;
    const hn::Rebind<std::int32_t, D> ints;
    return hn::ConvertTo(d, hn::PromoteTo(ints, hn::LoadU(samples, from)));
}

/// T output rows of V vectors at column x.
template <class D, typename Sample, Index T, Index V>
class ColumnBlock {
public:
    HWY_INLINE ColumnBlock(const ColumnSums& c, const void* const* lines, Index x)
        : c_(c), lines_(lines), x_(c.first + x) {
        for (Index t = 0; t < T; ++t) {
            for (Index v = 0; v < V; ++v) sums_[t][v] = hn::Zero(D());
        }
    }

    HWY_INLINE void run() {
        first_lines<0>();
        for (Index h = T - 1; h < c_.R; ++h) add_line<0, T - 1>(h);
        last_lines<1>();
    }

    HWY_INLINE void store(float* HWY_RESTRICT out) const {
        const D d;
        const auto lanes = static_cast<Index>(hn::Lanes(d));
        for (Index t = 0; t < T; ++t) {
            for (Index v = 0; v < V; ++v) {
                hn::StoreU(sums_[t][v], d, out + t * c_.out_step + v * lanes);
            }
        }
    }

private:
    /// sums[t] += weights[h - t] * line h, for t in [First, Last].
    template <Index First, Index Last>
    HWY_INLINE void add_line(Index h) {
        const D d;
        const auto lanes = static_cast<Index>(hn::Lanes(d));
        const auto* from = static_cast<const Sample*>(lines_[h * c_.line_step]) + x_;
        const float* weights = c_.weights + h;
        hn::Vec<D> x[std::size_t{V}];
        for (Index v = 0; v < V; ++v) x[v] = load(d, from + v * lanes);
        for (Index t = First; t <= Last; ++t) {
            const auto weight = hn::Set(d, weights[-t]);
            for (Index v = 0; v < V; ++v) sums_[t][v] = hn::MulAdd(weight, x[v], sums_[t][v]);
        }
    }
    /// The first T - 1 lines belong to fewer than T rows,
    template <Index h>
    HWY_INLINE void first_lines() {
        if constexpr (h < T - 1) {
            add_line<0, h>(h);
            first_lines<h + 1>();
        }
    }
    /// and so do the last.
    template <Index i>
    HWY_INLINE void last_lines() {
        if constexpr (i < T) {
            add_line<i, T - 1>(c_.R - 1 + i);
            last_lines<i + 1>();
        }
    }

    const ColumnSums& c_;
    const void* const* lines_;
    Index x_;
    hn::Vec<D> sums_[std::size_t{T}][std::size_t{V}];
};

template <class D, typename Sample, Index T, Index V>
HWY_INLINE void column_block(const ColumnSums& c, const void* const* lines, Index x, float* out) {
    ColumnBlock<D, Sample, T, V> block(c, lines, x);
    block.run();
    block.store(out + x);
}

/// T output rows. The last vector overlaps the one before it where the width asks for it.
template <typename Sample, Index T>
void column_rows(const ColumnSums& c, const void* const* lines, float* out) {
    Index x = 0;
    for (; x + kVectors * lanes() <= c.columns; x += kVectors * lanes()) {
        column_block<Full, Sample, T, kVectors>(c, lines, x, out);
    }
    if (c.columns < lanes()) {
        for (; x < c.columns; ++x) column_block<One, Sample, T, 1>(c, lines, x, out);
    }
    for (; x < c.columns; x += lanes()) {
        x = std::min(x, c.columns - lanes());
        column_block<Full, Sample, T, 1>(c, lines, x, out);
    }
}

/// R output rows of a window of R rows that is known at compile time, with the weights in registers
/// from one block to the next.
template <typename Sample, Index R>
class SmallWindow {
public:
    SmallWindow(const ColumnSums& c, const void* const* lines, float* out)
        : out_(out), out_step_(c.out_step) {
        for (Index r = 0; r < R; ++r) weights_[r] = hn::Set(Full(), c.weights[r]);
        for (Index h = 0; h < 2 * R - 1; ++h) {
            lines_[h] = static_cast<const Sample*>(lines[h * c.line_step]) + c.first;
        }
    }

    /// V vectors at column x, the sums in the order of r.
    template <Index V>
    HWY_INLINE void block(Index x) const {
        const Full d;
        hn::Vec<Full> sums[std::size_t{R}][std::size_t{V}];
        HWY_UNROLL(16)
        for (Index h = 0; h < 2 * R - 1; ++h) {
            HWY_UNROLL(4)
            for (Index v = 0; v < V; ++v) {
                const auto samples = load(d, lines_[h] + x + v * lanes());
                if (h < R) sums[h][v] = hn::Zero(d);
                HWY_UNROLL(8)
                for (Index t = 0; t < R; ++t) {
                    const Index r = h - t;
                    if (r < 0 || r >= R) continue;
                    sums[t][v] = hn::MulAdd(weights_[r], samples, sums[t][v]);
                }
            }
            if (h + 1 < R) continue;
            HWY_UNROLL(4)
            for (Index v = 0; v < V; ++v) {
                const Index t = h - R + 1;
                hn::StoreU(sums[t][v], d, out_ + t * out_step_ + x + v * lanes());
            }
        }
    }

private:
    hn::Vec<Full> weights_[std::size_t{R}];
    const Sample* lines_[std::size_t{2 * R - 1}];
    float* HWY_RESTRICT out_;
    Index out_step_;
};

template <typename Sample, Index R>
void small_window(const ColumnSums& c, const void* const* lines, float* out) {
    if (c.columns < lanes()) return column_rows<Sample, R>(c, lines, out);
    const SmallWindow<Sample, R> window(c, lines, out);
    Index x = 0;
    for (; x + kVectors * lanes() <= c.columns; x += kVectors * lanes()) {
        window.template block<kVectors>(x);
    }
    for (; x < c.columns; x += lanes()) {
        x = std::min(x, c.columns - lanes());
        window.template block<1>(x);
    }
}

/// By T.
using ColumnRows = void (*)(const ColumnSums&, const void* const*, float*);
template <typename Sample>
constexpr std::array<ColumnRows, 7> kColumnKernels = {nullptr,
                                                      column_rows<Sample, 1>,
                                                      column_rows<Sample, 2>,
                                                      column_rows<Sample, 3>,
                                                      column_rows<Sample, 4>,
                                                      column_rows<Sample, 5>,
                                                      column_rows<Sample, 6>};

/// The kernel for `together` output rows.
template <typename Sample>
ColumnRows column_kernel(const ColumnSums& c, Index together) {
    if (together == c.R && c.R == 3) return small_window<Sample, 3>;
    if (together == c.R && c.R == 5) return small_window<Sample, 5>;
    return kColumnKernels<Sample>[static_cast<std::size_t>(together)];
}

template <typename Sample>
void columns_of(const ColumnSums& c) {
    const Index together = c.row_step == 1 ? std::min(column_rows_together(c.R), c.rows) : 1;
    const ColumnRows kernel = column_kernel<Sample>(c, together);
    for (Index t = 0; t < c.rows; t += together) {
        // The last rows overlap the ones before, as the last columns do.
        const Index first = std::min(t, c.rows - together);
        kernel(c, c.lines + first * c.row_step * c.line_step, c.out + first * c.out_step);
    }
}

void all_columns(const ColumnSums& c) {
    switch (c.type) {
        case SampleType::u8:
            return columns_of<std::uint8_t>(c);
        case SampleType::u16:
            return columns_of<std::uint16_t>(c);
        case SampleType::f32:
            return columns_of<float>(c);
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(all_columns);

void column_sums(const ColumnSums& columns) {
    HWY_DYNAMIC_DISPATCH(all_columns)(columns);
}

}  // namespace conv
#endif  // HWY_ONCE
