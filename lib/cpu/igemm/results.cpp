#include "cpu/igemm/results.hpp"

#include "conv/whole_results.hpp"

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/igemm/results.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/igemm/rounding-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

using Doubles = hn::CappedTag<double, 8>;

/// whole_result for the lanes of D, with what does not change from one to the next.
template <SampleType samples, SampleType results, class D>
struct ResultOf {
    static constexpr WholeUnits kUnits = whole_units(samples, results);
    D d;
    hn::Vec<D> bias, denominator, inverse;

    ResultOf(D tag, const DigitSums& sums)
        : d(tag),
          bias(hn::Set(d, static_cast<double>(sums.bias))),
          denominator(hn::Set(d, kUnits.down * static_cast<double>(sums.denominator))),
          inverse(hn::Set(d, 1 / (kUnits.down * static_cast<double>(sums.denominator)))) {}

    HWY_INLINE hn::Vec<D> operator()(hn::Vec<D> digits) const {
        const auto sum = hn::Mul(hn::Add(digits, bias), hn::Set(d, kUnits.up));
        const auto quotient = exact_quotient(sum, denominator, inverse);
        if constexpr (results == SampleType::f32) return quotient;
        const auto shift = hn::Set(d, kRoundingShift);
        const auto rounded = hn::Sub(hn::Add(quotient, shift), shift);
        if constexpr (kUnits.up > 1) return hn::Div(rounded, hn::Set(d, kUnits.up));
        return hn::Mul(rounded, hn::Set(d, kUnits.down));
    }
};

/// Results from..count, a vector of D at a time; returns where it stopped.
template <SampleType samples, SampleType results, class D>
HWY_INLINE Index store_some(D d, const DigitSums& sums, Index from, Index count,
                            float* HWY_RESTRICT out) {
    const hn::Rebind<std::int32_t, D> ints;
    const hn::Rebind<float, D> floats;
    const ResultOf<samples, results, D> result(d, sums);
    const auto base = hn::Set(d, 256.0);
    const auto step = static_cast<Index>(hn::Lanes(d));
    Index i = from;
    for (; i + step <= count; i += step) {
        auto digits = hn::PromoteTo(d, hn::LoadU(ints, sums.low + i));
        if (sums.high) {
            const auto high = hn::PromoteTo(d, hn::LoadU(ints, sums.high + i));
            digits = hn::Add(digits, hn::Mul(high, base));
        }
        hn::StoreU(hn::DemoteTo(floats, result(digits)), floats, out + i);
    }
    return i;
}

template <SampleType samples, SampleType results>
void store(const DigitSums& sums, Index count, float* out) {
    const Index i = store_some<samples, results>(Doubles(), sums, 0, count, out);
    store_some<samples, results>(hn::CappedTag<double, 1>(), sums, i, count, out);
}

template <SampleType samples>
void store_as(const DigitSums& sums, SampleType results, Index count, float* out) {
    switch (results) {
        case SampleType::u8:
            return store<samples, SampleType::u8>(sums, count, out);
        case SampleType::u16:
            return store<samples, SampleType::u16>(sums, count, out);
        case SampleType::f32:
            return store<samples, SampleType::f32>(sums, count, out);
    }
}

void store_any(const DigitSums& sums, SampleType results, Index count, float* out) {
    if (sums.samples == SampleType::u16) {
        return store_as<SampleType::u16>(sums, results, count, out);
    }
    store_as<SampleType::u8>(sums, results, count, out);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(store_any);

void store_results(const DigitSums& sums, SampleType results, std::int64_t count, float* out) {
    HWY_DYNAMIC_DISPATCH(store_any)(sums, results, count, out);
}

}  // namespace conv
#endif  // HWY_ONCE
