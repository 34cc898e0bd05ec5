// Vectors of float32 sums, and longer sums of them in double precision, for the units that compute
// direct sums. Included once for each instruction set.
#if defined(CONV_TILE_PART_SUMS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CONV_TILE_PART_SUMS_INL
#undef CONV_TILE_PART_SUMS_INL
#else
#define CONV_TILE_PART_SUMS_INL
#endif

#include <cstdint>

#include "cpu/tile/direct_rows.hpp"
#include "cpu/tile/lanes.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<float, kLanes>;
using Vector = hn::Vec<D>;
using Index = std::int64_t;

HWY_INLINE Index lanes() {
    return static_cast<Index>(hn::Lanes(D()));
}

// A block of kRowsTogether x kVectors sums stays in registers over the whole window, with one row
// of vectors of the input and a weight beside it: 24 + 4 + 1 of the 32 registers of AVX-512 and
// NEON, 12 + 2 + 1 of 16 elsewhere. Each input vector is then used kRowsTogether times.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
inline constexpr Index kVectors = 4;
#else
inline constexpr Index kVectors = 2;
#endif

/// Sums of T x V vectors so far, of windows that are added up in parts.
template <Index Count>
class Totals {
public:
    /// Takes over `sums`, which then start again from zero.
    HWY_INLINE void add(Vector* sums) {
        HWY_ALIGN float part[std::size_t{Count * kLanes}];
        HWY_UNROLL(32)
        for (Index i = 0; i < Count; ++i) {
            hn::Store(sums[i], D(), part + i * lanes());
            sums[i] = hn::Zero(D());
        }
        add_part(part);
    }
    /// The totals as floats, `sums` included.
    HWY_INLINE void finish(Vector* sums) {
        if (empty_) return;
        HWY_ALIGN float rounded[std::size_t{Count * kLanes}];
        add(sums);
        for (Index i = 0; i < Count * lanes(); ++i) rounded[i] = static_cast<float>(values_[i]);
        for (Index i = 0; i < Count; ++i) sums[i] = hn::Load(D(), rounded + i * lanes());
    }

private:
    HWY_NOINLINE void add_part(const float* HWY_RESTRICT part) {
        for (Index i = 0; i < Count * lanes(); ++i) {
            values_[i] = (empty_ ? 0.0 : values_[i]) + static_cast<double>(part[i]);
        }
        empty_ = false;
    }

    HWY_ALIGN double values_[std::size_t{Count * kLanes}];
    bool empty_ = true;
};

/// Counts the products in a float32 sum.
class Products {
public:
    /// Whether `more` products want a new sum.
    HWY_INLINE bool full(Index more) {
        const bool full = count_ + more > kProductsTogether;
        count_ = full ? more : count_ + more;
        return full;
    }

private:
    Index count_ = 0;
};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#endif  // include guard of each instruction set
