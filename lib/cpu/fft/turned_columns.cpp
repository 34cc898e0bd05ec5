#include "cpu/fft/turned_columns.hpp"

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/fft/turned_columns.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Index = std::int64_t;

constexpr Index kSide = 4;

/// A complex number moves as one of 64 bits: numbers of a vector.
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET <= HWY_AVX3
constexpr Index kTogether = 4;
#elif HWY_TARGET == HWY_SCALAR
constexpr Index kTogether = 1;
#else
constexpr Index kTogether = 2;
#endif
using D = hn::CappedTag<std::uint64_t, kTogether>;

/// to[x * to_step + y] = from[y * from_step + x] for x, y < kTogether.
HWY_INLINE void turn_vectors(const std::uint64_t* HWY_RESTRICT from,
                             [[maybe_unused]] Index from_step, std::uint64_t* HWY_RESTRICT to,
                             [[maybe_unused]] Index to_step) {
    const D d;
    const auto a = hn::LoadU(d, from);
#if HWY_TARGET == HWY_SCALAR
    hn::StoreU(a, d, to);
#else
    const auto b = hn::LoadU(d, from + from_step);
    const auto low = hn::InterleaveLower(d, a, b), high = hn::InterleaveUpper(d, a, b);
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET <= HWY_AVX3
    const auto e = hn::LoadU(d, from + 2 * from_step), f = hn::LoadU(d, from + 3 * from_step);
    const auto next_low = hn::InterleaveLower(d, e, f), next_high = hn::InterleaveUpper(d, e, f);
    hn::StoreU(hn::ConcatLowerLower(d, next_low, low), d, to);
    hn::StoreU(hn::ConcatLowerLower(d, next_high, high), d, to + to_step);
    hn::StoreU(hn::ConcatUpperUpper(d, next_low, low), d, to + 2 * to_step);
    hn::StoreU(hn::ConcatUpperUpper(d, next_high, high), d, to + 3 * to_step);
#else
    hn::StoreU(low, d, to);
    hn::StoreU(high, d, to + to_step);
#endif
#endif
}

HWY_INLINE void turn_square(const std::uint64_t* from, Index from_step, std::uint64_t* to,
                            Index to_step) {
    for (Index y = 0; y < kSide; y += kTogether) {
        for (Index x = 0; x < kSide; x += kTogether) {
            turn_vectors(from + y * from_step + x, from_step, to + x * to_step + y, to_step);
        }
    }
}

void to_rows(const TurnedColumns& t, const float* columns, float* rows) {
    const auto* from = reinterpret_cast<const std::uint64_t*>(columns);
    auto* to = reinterpret_cast<std::uint64_t*>(rows);
    for (Index h = 0; h < t.height; h += kSide) {
        for (Index c = 0; c < t.count; c += kSide) {
            turn_square(from + h * t.pitch + c, t.pitch, to + c * t.step + h, t.step);
        }
    }
}

void to_columns(const TurnedColumns& t, const float* rows, float* columns) {
    const auto* from = reinterpret_cast<const std::uint64_t*>(rows);
    auto* to = reinterpret_cast<std::uint64_t*>(columns);
    for (Index h = 0; h < t.height; h += kSide) {
        for (Index c = 0; c < t.count; c += kSide) {
            turn_square(from + c * t.step + h, t.step, to + h * t.pitch + c, t.pitch);
        }
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(to_rows);
HWY_EXPORT(to_columns);

void columns_to_rows(const TurnedColumns& turn, const float* columns, float* rows) {
    HWY_DYNAMIC_DISPATCH(to_rows)(turn, columns, rows);
}

void rows_to_columns(const TurnedColumns& turn, const float* rows, float* columns) {
    HWY_DYNAMIC_DISPATCH(to_columns)(turn, rows, columns);
}

}  // namespace conv
#endif  // HWY_ONCE
