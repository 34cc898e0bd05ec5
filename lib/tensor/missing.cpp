#include "tensor/missing.hpp"

#include <bit>
#include <cstring>
#include <limits>

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/missing.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tensor/each_vector-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Tests of whole vectors: a mask of the samples that do not count.
template <typename T>
struct IsNumber {
    T value;
    template <typename D>
    HWY_INLINE hn::Mask<D> operator()(D d, hn::Vec<D> x) const {
        return hn::Eq(x, hn::Set(d, value));
    }
};
struct IsNotANumber {
    template <typename D>
    HWY_INLINE hn::Mask<D> operator()(D, hn::Vec<D> x) const {
        return hn::IsNaN(x);
    }
};
struct IsMark {
    std::uint32_t bits;
    template <typename D>
    HWY_INLINE hn::Mask<D> operator()(D d, hn::Vec<D> x) const {
        const hn::RebindToUnsigned<D> words;
        return hn::RebindMask(d, hn::Eq(hn::BitCast(words, x), hn::Set(words, bits)));
    }
};

/// Several vectors are tested for each branch.
template <typename T, typename Test>
HWY_INLINE bool any_of(const T* HWY_RESTRICT from, std::int64_t count, const Test& test) {
    const hn::ScalableTag<T> d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    std::int64_t i = 0;
    for (; i + 4 * lanes <= count; i += 4 * lanes) {
        const auto a =
            hn::Or(test(d, hn::LoadU(d, from + i)), test(d, hn::LoadU(d, from + i + lanes)));
        const auto b = hn::Or(test(d, hn::LoadU(d, from + i + 2 * lanes)),
                              test(d, hn::LoadU(d, from + i + 3 * lanes)));
        if (!hn::AllFalse(d, hn::Or(a, b))) return true;
    }
    for (; i + lanes <= count; i += lanes) {
        if (!hn::AllFalse(d, test(d, hn::LoadU(d, from + i)))) return true;
    }
    const hn::CappedTag<T, 1> one;
    for (; i < count; ++i) {
        if (!hn::AllFalse(one, test(one, hn::LoadU(one, from + i)))) return true;
    }
    return false;
}

/// m as bytes.
template <typename D, typename M>
HWY_INLINE void store_counts(D d, M missing, std::uint8_t* HWY_RESTRICT to) {
    const hn::Rebind<std::uint8_t, D> bytes;
    if constexpr (sizeof(hn::TFromD<D>) == 1) {
        hn::StoreU(hn::IfThenZeroElse(missing, hn::Set(d, 1)), d, to);
    } else {
        const hn::RebindToSigned<D> ints;
        const auto ones = hn::IfThenZeroElse(hn::RebindMask(ints, missing), hn::Set(ints, 1));
        hn::StoreU(hn::DemoteTo(bytes, ones), bytes, to);
    }
}

template <typename T, typename Test>
HWY_INLINE bool separate(const T* HWY_RESTRICT from, std::int64_t count, T* HWY_RESTRICT values,
                         std::uint8_t* HWY_RESTRICT counts, const Test& test) {
    bool any = false;
    const auto body = [&](auto d, std::int64_t i) HWY_ATTR {
        const auto x = hn::LoadU(d, from + i);
        const auto missing = test(d, x);
        hn::StoreU(hn::IfThenZeroElse(missing, x), d, values + i);
        store_counts(d, missing, counts + i);
        any |= !hn::AllFalse(d, missing);
    };
    const hn::ScalableTag<T> d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) body(d, i);
    for (; i < count; ++i) body(hn::CappedTag<T, 1>(), i);
    return any;
}

/// As bits of a word: holes may be anywhere, so that one branch for each would often be wrong.
std::int64_t take_marks(float* HWY_RESTRICT values, std::int64_t count,
                        std::int64_t* HWY_RESTRICT places) {
    const IsMark test{std::bit_cast<std::uint32_t>(kMissingSample)};
    std::int64_t found = 0;
    for_each_vector(count, [&](auto d, std::int64_t i) HWY_ATTR {
        const auto x = hn::LoadU(d, values + i);
        const auto missing = test(d, x);
        hn::StoreU(hn::IfThenZeroElse(missing, x), d, values + i);
        std::uint64_t bits = 0;
        hn::StoreMaskBits(d, missing, reinterpret_cast<std::uint8_t*>(&bits));
        for (; bits != 0; bits &= bits - 1) places[found++] = i + std::countr_zero(bits);
    });
    return found;
}

bool any_u8(const std::uint8_t* from, std::int64_t count, std::uint8_t value) {
    return any_of(from, count, IsNumber<std::uint8_t>{value});
}
bool any_u16(const std::uint16_t* from, std::int64_t count, std::uint16_t value) {
    return any_of(from, count, IsNumber<std::uint16_t>{value});
}
bool any_f32(const float* from, std::int64_t count, const Nodata& nodata) {
    switch (nodata.kind()) {
        case Nodata::Kind::mark:
            return any_of(from, count, IsMark{std::bit_cast<std::uint32_t>(nodata.value)});
        case Nodata::Kind::any_nan:
            return any_of(from, count, IsNotANumber{});
        case Nodata::Kind::number:
            break;
    }
    return any_of(from, count, IsNumber<float>{nodata.value});
}

bool separate_u8(const std::uint8_t* from, std::int64_t count, std::uint8_t value,
                 std::uint8_t* values, std::uint8_t* counts) {
    return separate(from, count, values, counts, IsNumber<std::uint8_t>{value});
}
bool separate_u16(const std::uint16_t* from, std::int64_t count, std::uint16_t value,
                  std::uint16_t* values, std::uint8_t* counts) {
    return separate(from, count, values, counts, IsNumber<std::uint16_t>{value});
}
bool separate_f32(const float* from, std::int64_t count, const Nodata& nodata, float* values,
                  std::uint8_t* counts) {
    switch (nodata.kind()) {
        case Nodata::Kind::mark:
            return separate(from, count, values, counts,
                            IsMark{std::bit_cast<std::uint32_t>(nodata.value)});
        case Nodata::Kind::any_nan:
            return separate(from, count, values, counts, IsNotANumber{});
        case Nodata::Kind::number:
            break;
    }
    return separate(from, count, values, counts, IsNumber<float>{nodata.value});
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(any_u8);
HWY_EXPORT(any_u16);
HWY_EXPORT(any_f32);
HWY_EXPORT(separate_u8);
HWY_EXPORT(take_marks);
HWY_EXPORT(separate_u16);
HWY_EXPORT(separate_f32);

namespace {

/// Whether samples of type T can be what does not count at all.
template <typename T>
bool occurs(const Nodata& nodata) {
    constexpr auto kMost = static_cast<float>(std::numeric_limits<T>::max());
    return nodata.value >= 0 && nodata.value <= kMost && nodata.value == std::floor(nodata.value);
}

template <typename T>
bool all_count(const T* samples, std::int64_t count, T* values, std::uint8_t* counts) {
    std::memcpy(values, samples, static_cast<std::size_t>(count) * sizeof(T));
    std::memset(counts, 1, static_cast<std::size_t>(count));
    return false;
}

}  // namespace

bool any_missing(const std::uint8_t* samples, std::int64_t count, const Nodata& nodata) {
    if (!occurs<std::uint8_t>(nodata)) return false;
    return HWY_DYNAMIC_DISPATCH(any_u8)(samples, count, static_cast<std::uint8_t>(nodata.value));
}

bool any_missing(const std::uint16_t* samples, std::int64_t count, const Nodata& nodata) {
    if (!occurs<std::uint16_t>(nodata)) return false;
    return HWY_DYNAMIC_DISPATCH(any_u16)(samples, count, static_cast<std::uint16_t>(nodata.value));
}

bool any_missing(const float* samples, std::int64_t count, const Nodata& nodata) {
    return HWY_DYNAMIC_DISPATCH(any_f32)(samples, count, nodata);
}

bool separate_missing(const std::uint8_t* samples, std::int64_t count, const Nodata& nodata,
                      std::uint8_t* values, std::uint8_t* counts) {
    if (!occurs<std::uint8_t>(nodata)) return all_count(samples, count, values, counts);
    return HWY_DYNAMIC_DISPATCH(separate_u8)(
        samples, count, static_cast<std::uint8_t>(nodata.value), values, counts);
}

bool separate_missing(const std::uint16_t* samples, std::int64_t count, const Nodata& nodata,
                      std::uint16_t* values, std::uint8_t* counts) {
    if (!occurs<std::uint16_t>(nodata)) return all_count(samples, count, values, counts);
    return HWY_DYNAMIC_DISPATCH(separate_u16)(
        samples, count, static_cast<std::uint16_t>(nodata.value), values, counts);
}

bool separate_missing(const float* samples, std::int64_t count, const Nodata& nodata, float* values,
                      std::uint8_t* counts) {
    return HWY_DYNAMIC_DISPATCH(separate_f32)(samples, count, nodata, values, counts);
}

std::int64_t take_missing_marks(float* values, std::int64_t count, std::int64_t* places) {
    return HWY_DYNAMIC_DISPATCH(take_marks)(values, count, places);
}

}  // namespace conv
#endif  // HWY_ONCE
