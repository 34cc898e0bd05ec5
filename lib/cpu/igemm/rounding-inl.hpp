// Sums of whole numbers over their denominator. Included once for each instruction set.
#if defined(CONV_IGEMM_ROUNDING_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CONV_IGEMM_ROUNDING_INL
#undef CONV_IGEMM_ROUNDING_INL
#else
#define CONV_IGEMM_ROUNDING_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "cpu/igemm/kernels.hpp"
#include "cpu/tile/lanes.hpp"
#include "tensor/round_bytes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Index = std::int64_t;
using Ints = hn::CappedTag<std::int32_t, kLanes>;
using Floats = hn::CappedTag<float, kLanes>;
using IntVector = hn::Vec<Ints>;
using FloatVector = hn::Vec<Floats>;

HWY_INLINE Index lanes() {
    return static_cast<Index>(hn::Lanes(Ints()));
}

/// A quotient that is met exactly where it is a number of the vector's type, and is off by a unit
/// of the last place at most elsewhere.
template <class V>
HWY_INLINE V exact_quotient(V sum, V denominator, [[maybe_unused]] V inverse) {
#if HWY_NATIVE_FMA
    // One step of Newton's method from a quotient that is off by a unit or two (Markstein 1990).
    const auto near = hn::Mul(sum, inverse);
    const auto rest = hn::NegMulAdd(near, denominator, sum);
    return hn::MulAdd(rest, inverse, near);
#else
    return hn::Div(sum, denominator);
#endif
}

// Added to a number of less than 2^22, this leaves it rounded half to even in the low bits.
inline constexpr float kShift = 12582912.0F;

/// Rounds sums over their denominator into bytes, four vectors at a time.
template <ByteQuotient::Form form, bool Fits>
struct ByteRounding {
    const ByteQuotient& quotient;
    Lost* lost;

    /// A sum over the denominator as a whole number, where that is less than 2^22.
    HWY_INLINE IntVector rounded(FloatVector sum) const {
        const Floats floats;
        const Ints ints;
        const auto shift = hn::Set(floats, kShift);
        const auto inverse = hn::Set(floats, 1 / quotient.denominator);
        FloatVector shifted;
        if constexpr (form == ByteQuotient::Form::product) {
            shifted = hn::MulAdd(sum, inverse, shift);
        } else {
            const auto denominator = hn::Set(floats, quotient.denominator);
            shifted = hn::Add(exact_quotient(sum, denominator, inverse), shift);
        }
        return hn::Sub(hn::BitCast(ints, shifted), hn::BitCast(ints, shift));
    }
    HWY_INLINE IntVector result(IntVector sum) const {
        if constexpr (form == ByteQuotient::Form::whole) return sum;
        return rounded(hn::ConvertTo(Floats(), sum));
    }
    /// The same for any sum, in -1..256.
    HWY_INLINE IntVector clamped(IntVector sum) const {
        const Ints ints;
        if constexpr (form == ByteQuotient::Form::whole) {
            return hn::Min(hn::Max(sum, hn::Set(ints, -1)), hn::Set(ints, 256));
        }
        const Floats floats;
        const auto least = hn::Set(floats, -quotient.denominator);
        const auto most = hn::Set(floats, 256 * quotient.denominator);
        return rounded(hn::Min(hn::Max(hn::ConvertTo(floats, sum), least), most));
    }
    /// Of the first `columns` lanes.
    HWY_INLINE void count(IntVector result, Index columns) const {
        const Ints ints;
        const auto counted =
            hn::FirstN(ints, static_cast<std::size_t>(std::max(columns, Index{0})));
        const auto below = hn::And(counted, hn::Lt(result, hn::Zero(ints)));
        const auto above = hn::And(counted, hn::Gt(result, hn::Set(ints, 255)));
        lost->below += static_cast<Index>(hn::CountTrue(ints, below));
        lost->above += static_cast<Index>(hn::CountTrue(ints, above));
    }

    /// Four vectors of sums, of which `columns` count.
    HWY_INLINE void round(const IntVector* sums, Index columns, std::uint8_t* to) const {
        const Floats floats;
        if (store_bytes<Fits>(floats, result(sums[0]), result(sums[1]), result(sums[2]),
                              result(sums[3]), to)) {
            return;
        }
        for (Index v = 0; v < 4; ++v) {
            const IntVector result = clamped(sums[v]);
            count(result, columns - v * lanes());
            const hn::Rebind<std::uint8_t, Ints> bytes;
            hn::StoreU(hn::DemoteTo(bytes, result), bytes, to + v * lanes());
        }
    }
    HWY_INLINE void store(const IntVector* sums, Index columns, std::uint8_t* to) const {
        if (columns >= 4 * lanes()) return round(sums, columns, to);
        std::uint8_t bytes[std::size_t{4 * kLanes}];
        round(sums, columns, bytes);
        std::memcpy(to, bytes, static_cast<std::size_t>(columns));
    }
};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#endif
