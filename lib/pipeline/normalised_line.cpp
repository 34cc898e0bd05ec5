#include "pipeline/normalised_line.hpp"

#include <algorithm>

#include "tensor/nodata.hpp"

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/normalised_line.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tensor/each_vector-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// A mask of the outputs that count.
template <typename D>
HWY_INLINE hn::Mask<D> counting(D d, const std::uint8_t* counts) {
    const hn::Rebind<std::uint8_t, D> bytes;
    const hn::RebindToSigned<D> ints;
    const auto wide = hn::PromoteTo(ints, hn::LoadU(bytes, counts));
    return hn::RebindMask(d, hn::Ne(wide, hn::Zero(ints)));
}

void normalise(float* HWY_RESTRICT sums, const WeighedLine& line,
               const Normalisation::Floats& map) {
    const float* HWY_RESTRICT D = line.D;
    const std::uint8_t* HWY_RESTRICT counts = line.counts;
    for_each_vector(line.count, [&](auto d, std::int64_t i) HWY_ATTR {
        const auto weight = hn::LoadU(d, D + i);
        // NaN is enough: it must reach the results too.
        const auto little = hn::Le(hn::Mul(weight, hn::Set(d, map.sign)), hn::Set(d, map.least));
        const auto result = hn::MulAdd(hn::LoadU(d, sums + i), hn::Div(hn::Set(d, map.sum), weight),
                                       hn::Set(d, map.bias));
        const auto there = hn::AndNot(little, counting(d, counts + i));
        hn::StoreU(hn::IfThenElse(there, result, hn::Set(d, kMissingSample)), d, sums + i);
    });
}

void difference(float* HWY_RESTRICT sums, const WeighedLine& line,
                const float* HWY_RESTRICT centres, float bias) {
    const float* HWY_RESTRICT D = line.D;
    const std::uint8_t* HWY_RESTRICT counts = line.counts;
    for_each_vector(line.count, [&](auto d, std::int64_t i) HWY_ATTR {
        const auto N = hn::Add(hn::LoadU(d, sums + i), hn::Set(d, bias));
        const auto result = hn::NegMulAdd(hn::LoadU(d, centres + i), hn::LoadU(d, D + i), N);
        hn::StoreU(hn::IfThenElse(counting(d, counts + i), result, hn::Set(d, kMissingSample)), d,
                   sums + i);
    });
}

void spread(const float* HWY_RESTRICT from, std::int64_t pixels, std::int64_t lanes,
            float* HWY_RESTRICT to) {
    const hn::ScalableTag<float> d;
    const auto step = static_cast<std::int64_t>(hn::Lanes(d));
    std::int64_t i = 0;
    for (; lanes >= 2 && lanes <= 4 && i + step <= pixels; i += step) {
        const auto x = hn::LoadU(d, from + i);
        if (lanes == 2) hn::StoreInterleaved2(x, x, d, to + 2 * i);
        if (lanes == 3) hn::StoreInterleaved3(x, x, x, d, to + 3 * i);
        if (lanes == 4) hn::StoreInterleaved4(x, x, x, x, d, to + 4 * i);
    }
    for (; i < pixels; ++i) std::fill_n(to + i * lanes, lanes, from[i]);
}

bool first_equal(const std::uint8_t* HWY_RESTRICT from, std::int64_t pixels, std::int64_t lanes,
                 std::uint8_t* HWY_RESTRICT to) {
    const hn::ScalableTag<std::uint8_t> d;
    const auto step = static_cast<std::int64_t>(hn::Lanes(d));
    std::int64_t i = 0;
    bool equal = true;
    for (; lanes == 3 && i + step <= pixels; i += step) {
        hn::Vec<decltype(d)> a, b, c;
        hn::LoadInterleaved3(d, from + 3 * i, a, b, c);
        hn::StoreU(a, d, to + i);
        equal = equal && hn::AllTrue(d, hn::And(hn::Eq(a, b), hn::Eq(b, c)));
    }
    for (; i < pixels; ++i) {
        const std::uint8_t* pixel = from + i * lanes;
        to[i] = *pixel;
        for (std::int64_t n = 1; n < lanes; ++n) equal = equal && pixel[n] == *pixel;
    }
    return equal;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(normalise);
HWY_EXPORT(difference);
HWY_EXPORT(spread);
HWY_EXPORT(first_equal);

void normalise_line(float* sums, const WeighedLine& line, const Normalisation& map) {
    HWY_DYNAMIC_DISPATCH(normalise)(sums, line, map.floats());
}

void difference_line(float* sums, const WeighedLine& line, const float* centres, float bias) {
    HWY_DYNAMIC_DISPATCH(difference)(sums, line, centres, bias);
}

void spread_line(const float* from, std::int64_t pixels, std::int64_t lanes, float* to) {
    HWY_DYNAMIC_DISPATCH(spread)(from, pixels, lanes, to);
}

bool first_of_equal(const std::uint8_t* from, std::int64_t pixels, std::int64_t lanes,
                    std::uint8_t* to) {
    return HWY_DYNAMIC_DISPATCH(first_equal)(from, pixels, lanes, to);
}

}  // namespace conv
#endif  // HWY_ONCE
