#include "cpu/sliding/running_sums.hpp"

#include <array>
#include <cmath>
#include <complex>

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/sliding/running_sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Index = std::int64_t;
using Full = hn::CappedTag<double, 8>;
using One = hn::CappedTag<double, 1>;

template <class D>
HWY_INLINE hn::Vec<D> load_doubles(D d, const float* from) {
    return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), from));
}

template <class D>
HWY_INLINE void store_floats(D, hn::Vec<D> values, float* to) {
    const hn::Rebind<float, D> floats;
    hn::StoreU(hn::DemoteTo(floats, values), floats, to);
}

/// One step of a turn.
template <class D>
HWY_INLINE void step(D d, const Turn& turn, hn::Vec<D> entering, hn::Vec<D> leaving, hn::Vec<D>& re,
                     hn::Vec<D>& im) {
    const auto cosine = hn::Set(d, turn.cosine), sine = hn::Set(d, turn.sine);
    const auto coming_re = hn::NegMulAdd(hn::Set(d, turn.leave_re), leaving,
                                         hn::Mul(hn::Set(d, turn.enter_re), entering));
    const auto coming_im = hn::NegMulAdd(hn::Set(d, turn.leave_im), leaving,
                                         hn::Mul(hn::Set(d, turn.enter_im), entering));
    const auto turned_re = hn::NegMulAdd(sine, im, hn::MulAdd(cosine, re, coming_re));
    im = hn::MulAdd(sine, re, hn::MulAdd(cosine, im, coming_im));
    re = turned_re;
}

template <class D>
HWY_INLINE void slide_down_at(D d, const RunningLine& line, const PassingRows& rows,
                              const ColumnStates& sums, float* out) {
    const auto in = load_doubles(d, rows.entering);
    const auto gone = rows.leaving ? load_doubles(d, rows.leaving) : hn::Zero(d);
    double* state = sums.state;
    const auto sum = hn::Add(hn::LoadU(d, state), hn::Sub(in, gone));
    hn::StoreU(sum, d, state);
    auto result = hn::Mul(hn::Set(d, line.mean), sum);
    for (const Turn& turn : line.turns) {
        double* const real = state + sums.step;
        double* const imaginary = real + sums.step;
        auto re = hn::LoadU(d, real), im = hn::LoadU(d, imaginary);
        step(d, turn, in, gone, re, im);
        hn::StoreU(re, d, real);
        hn::StoreU(im, d, imaginary);
        result = hn::Add(result, re);
        state = imaginary;
    }
    if (out) store_floats(d, result, out);
}

void rows_down(const RunningLine& line, const PassingRows& rows, const ColumnStates& sums,
               float* out) {
    const Full full;
    const auto lanes = static_cast<Index>(hn::Lanes(full));
    const auto rows_at = [&](Index x) {
        return PassingRows{rows.entering + x, rows.leaving ? rows.leaving + x : nullptr};
    };
    const auto sums_at = [&](Index x) { return ColumnStates{sums.state + x, sums.step, 0}; };
    Index x = 0;
    for (; x + lanes <= sums.columns; x += lanes)
        slide_down_at(full, line, rows_at(x), sums_at(x), out ? out + x : nullptr);
    for (; x < sums.columns; ++x)
        slide_down_at(One(), line, rows_at(x), sums_at(x), out ? out + x : nullptr);
}

/// One vector of rows, along all of them. The sums stay in registers.
template <std::size_t kTurns>
HWY_INLINE void along(const RunningLine& line, const TurnedColumns& c, Index row, float* out) {
    const Full d;
    auto sum = hn::Zero(d);
    hn::Vec<Full> re[kTurns + 1], im[kTurns + 1];
    for (std::size_t j = 0; j < kTurns; ++j) re[j] = im[j] = hn::Zero(d);
    const float* lines = c.lines + row;
    const Index end = (c.outputs - 1) * c.stride + line.taps;
    Index next = line.taps - 1;  // the step whose window is the next output's
    for (Index i = 0; i < end; ++i) {
        const auto in = load_doubles(d, lines + c.places[i]);
        const auto gone =
            i < line.taps ? hn::Zero(d) : load_doubles(d, lines + c.places[i - line.taps]);
        sum = hn::Add(sum, hn::Sub(in, gone));
        for (std::size_t j = 0; j < kTurns; ++j) step(d, line.turns[j], in, gone, re[j], im[j]);
        if (i != next) continue;
        auto result = hn::Mul(hn::Set(d, line.mean), sum);
        for (std::size_t j = 0; j < kTurns; ++j) result = hn::Add(result, re[j]);
        store_floats(d, result, out + row);
        out += c.out_step;
        next += c.stride;
    }
}

template <std::size_t kTurns>
HWY_INLINE void along_if(const RunningLine& line, const TurnedColumns& c, Index row, float* out) {
    if constexpr (kTurns < kMostCosines) {
        if (line.turns.size() == kTurns) {
            along<kTurns>(line, c, row, out);
        } else {
            along_if<kTurns + 1>(line, c, row, out);
        }
    }
}

void rows_along(const RunningLine& line, const TurnedColumns& c, float* out) {
    const auto lanes = static_cast<Index>(hn::Lanes(Full()));
    for (Index row = 0; row < kRowsAlong; row += lanes) along_if<0>(line, c, row, out);
}

#if HWY_TARGET == HWY_SCALAR
constexpr Index kSquare = 1;
HWY_INLINE void turn_square(const float* from, Index, float* to, Index) {
    *to = *from;
}
#else
constexpr Index kSquare = 4;
/// to[x*to_step + t] = from[t*from_step + x] of 4 x 4.
HWY_INLINE void turn_square(const float* from, Index from_step, float* to, Index to_step) {
    const hn::CappedTag<float, 4> d;
    const hn::RepartitionToWide<decltype(d)> pairs;
    const auto a = hn::LoadU(d, from), b = hn::LoadU(d, from + from_step);
    const auto e = hn::LoadU(d, from + 2 * from_step), f = hn::LoadU(d, from + 3 * from_step);
    const auto low = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
    const auto high = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
    const auto low2 = hn::BitCast(pairs, hn::InterleaveLower(d, e, f));
    const auto high2 = hn::BitCast(pairs, hn::InterleaveUpper(d, e, f));
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low, low2)), d, to);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low, low2)), d, to + to_step);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high, high2)), d, to + 2 * to_step);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high, high2)), d, to + 3 * to_step);
}
#endif

void rows_turned(const float* rows, Index row_step, Index columns, float* to) {
    Index x = 0;
    for (; x + kSquare <= columns; x += kSquare) {
        for (Index t = 0; t < kRowsAlong; t += kSquare) {
            turn_square(rows + t * row_step + x, row_step, to + x * kRowsAlong + t, kRowsAlong);
        }
    }
    for (; x < columns; ++x) {
        for (Index t = 0; t < kRowsAlong; ++t) to[x * kRowsAlong + t] = rows[t * row_step + x];
    }
}

void rows_turned_back(const float* from, float bias, const ResultLines& rows) {
    float* const first = rows.first;
    const Index step = rows.step, columns = rows.columns, count = rows.count;
    const Index whole = count == kRowsAlong ? columns / kSquare * kSquare : 0;
    for (Index x = 0; x < whole; x += kSquare) {
        for (Index t = 0; t < kRowsAlong; t += kSquare) {
            turn_square(from + x * kRowsAlong + t, kRowsAlong, first + t * step + x, step);
        }
    }
    for (Index t = 0; t < count; ++t) {
        float* row = first + t * step;
        for (Index x = whole; x < columns; ++x) row[x] = from[x * kRowsAlong + t];
        if (bias == 0) continue;
        for (Index x = 0; x < columns; ++x) row[x] += bias;
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(rows_down);
HWY_EXPORT(rows_along);
HWY_EXPORT(rows_turned);
HWY_EXPORT(rows_turned_back);

RunningLine::RunningLine(const CosineSum& cosines, std::int64_t count)
    : taps(count), mean(cosines.amplitudes.front()) {
    const double middle = static_cast<double>(count - 1) / 2;
    for (std::size_t j = 1; j < cosines.amplitudes.size(); ++j) {
        const double w = cosines.frequencies[j], a = cosines.amplitudes[j];
        const auto enter = std::polar(1.0, -w * middle), leave = std::polar(1.0, w * (middle + 1));
        turns.push_back({std::cos(w), std::sin(w), a * enter.real(), a * enter.imag(),
                         a * leave.real(), a * leave.imag()});
    }
}

void slide_down(const RunningLine& line, const PassingRows& rows, const ColumnStates& sums,
                float* out) {
    HWY_DYNAMIC_DISPATCH(rows_down)(line, rows, sums, out);
}

void slide_along(const RunningLine& line, const TurnedColumns& columns, float* out) {
    HWY_DYNAMIC_DISPATCH(rows_along)(line, columns, out);
}

void turn_rows(const float* rows, std::int64_t row_step, std::int64_t columns, float* to) {
    HWY_DYNAMIC_DISPATCH(rows_turned)(rows, row_step, columns, to);
}

void turn_back(const float* from, float bias, const ResultLines& rows) {
    HWY_DYNAMIC_DISPATCH(rows_turned_back)(from, bias, rows);
}

}  // namespace conv
#endif  // HWY_ONCE
