#include "tensor/convert.hpp"

#include <cstddef>
#include <limits>

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/convert.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tensor/each_vector-inl.hpp"
#include "tensor/round_bytes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
HWY_INLINE void load(const T* HWY_RESTRICT from, std::int64_t count, float* HWY_RESTRICT to) {
    for_each_vector(count, [&](auto d, std::int64_t i) HWY_ATTR {
        const hn::Rebind<T, decltype(d)> samples;
        const hn::Rebind<std::int32_t, decltype(d)> ints;
        hn::StoreU(hn::ConvertTo(d, hn::PromoteTo(ints, hn::LoadU(samples, from + i))), d, to + i);
    });
}

template <typename T>
HWY_INLINE Lost store(const float* HWY_RESTRICT from, std::int64_t count, T* HWY_RESTRICT to) {
    std::size_t kept_below = 0, above = 0;
    for_each_vector(count, [&](auto d, std::int64_t i) HWY_ATTR {
        const hn::Rebind<T, decltype(d)> samples;
        const hn::Rebind<std::int32_t, decltype(d)> ints;
        const auto largest = hn::Set(d, static_cast<float>(std::numeric_limits<T>::max()));
        const auto rounded = hn::Round(hn::LoadU(d, from + i));
        const auto not_below = hn::Ge(rounded, hn::Zero(d));  // false for NaN
        kept_below += hn::CountTrue(d, not_below);
        above += hn::CountTrue(d, hn::Gt(rounded, largest));
        const auto inside = hn::IfThenElseZero(not_below, hn::Min(rounded, largest));
        hn::StoreU(hn::DemoteTo(samples, hn::ConvertTo(ints, inside)), samples, to + i);
    });
    return {count - static_cast<std::int64_t>(kept_below), static_cast<std::int64_t>(above)};
}

/// Samples that are lost are rare: they are looked for in several vectors at once, and counted only
/// where there are any.
Lost store_bytes(const float* HWY_RESTRICT from, std::int64_t count,
                 std::uint8_t* HWY_RESTRICT to) {
    const hn::ScalableTag<float> d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    const std::int64_t step = kRoundedVectors * lanes;
    Lost lost;
    std::int64_t i = 0;
    for (; i + step <= count; i += step) {
        const hn::Vec<decltype(d)> values[kRoundedVectors] = {
            hn::LoadU(d, from + i), hn::LoadU(d, from + i + lanes),
            hn::LoadU(d, from + i + 2 * lanes), hn::LoadU(d, from + i + 3 * lanes)};
        if (!round_bytes<false>(d, values, to + i)) lost += store(from + i, step, to + i);
    }
    lost += store(from + i, count - i, to + i);
    return lost;
}

void load_u8(const std::uint8_t* from, std::int64_t count, float* to) {
    load(from, count, to);
}
void load_u16(const std::uint16_t* from, std::int64_t count, float* to) {
    load(from, count, to);
}
Lost store_u8(const float* from, std::int64_t count, std::uint8_t* to) {
    return store_bytes(from, count, to);
}
Lost store_u16(const float* from, std::int64_t count, std::uint16_t* to) {
    return store(from, count, to);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(load_u8);
HWY_EXPORT(load_u16);
HWY_EXPORT(store_u8);
HWY_EXPORT(store_u16);

void load_samples(const std::uint8_t* from, std::int64_t count, float* to) {
    HWY_DYNAMIC_DISPATCH(load_u8)(from, count, to);
}

void load_samples(const std::uint16_t* from, std::int64_t count, float* to) {
    HWY_DYNAMIC_DISPATCH(load_u16)(from, count, to);
}

Lost store_samples(const float* from, std::int64_t count, std::uint8_t* to) {
    return HWY_DYNAMIC_DISPATCH(store_u8)(from, count, to);
}

Lost store_samples(const float* from, std::int64_t count, std::uint16_t* to) {
    return HWY_DYNAMIC_DISPATCH(store_u16)(from, count, to);
}

}  // namespace conv
#endif  // HWY_ONCE
