// Included once for each instruction set by files that are compiled so: see convert.cpp.
#if defined(CONV_TENSOR_ROUND_BYTES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CONV_TENSOR_ROUND_BYTES_INL
#undef CONV_TENSOR_ROUND_BYTES_INL
#else
#define CONV_TENSOR_ROUND_BYTES_INL
#endif

#include <hwy/highway.h>

#include <array>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {

/// Vectors that round_bytes takes at once.
inline constexpr int kRoundedVectors = 4;

/// Stores four vectors of whole numbers, one after the other, as bytes. False, and what is stored
/// means nothing, where one of them is not in the range of 8 bits; always so where that cannot be
/// told at once. Fits: they are known to be in the range.
template <bool Fits, class D, class V>
HWY_INLINE bool store_bytes(D d, V a, V b, V c, V e, std::uint8_t* to) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::RebindToSigned<D> ints;
    const hn::Repartition<std::int16_t, D> words;
    const hn::Repartition<std::uint8_t, D> bytes;
    // Each block of 16 bytes so far holds 4 samples of each vector: those of the first two in the
    // low bytes of words, those of the others in the high ones.
    const auto low = hn::ReorderDemote2To(words, a, b), high = hn::ReorderDemote2To(words, c, e);
    const auto mixed = hn::BitCast(bytes, hn::Or(low, hn::ShiftLeft<8>(high)));
    alignas(16) static constexpr std::uint8_t kInBlock[16] = {0, 2, 4, 6, 8, 10, 12, 14,
                                                              1, 3, 5, 7, 9, 11, 13, 15};
    const auto grouped = hn::TableLookupBytes(mixed, hn::LoadDup128(bytes, kInBlock));
    constexpr int kBlocks = static_cast<int>(hn::MaxLanes(D()) / 4);
    if constexpr (kBlocks == 1) {
        hn::StoreU(grouped, bytes, to);
    } else {
        alignas(64) static constexpr auto kLanes = [] {
            std::array<std::int32_t, std::size_t{4} * kBlocks> lanes{};
            for (int vector = 0; vector < 4; ++vector) {
                for (int block = 0; block < kBlocks; ++block) {
                    lanes[static_cast<std::size_t>(vector * kBlocks + block)] = 4 * block + vector;
                }
            }
            return lanes;
        }();
        const auto order = hn::SetTableIndices(ints, kLanes.data());
        const auto in_order = hn::TableLookupLanes(hn::BitCast(ints, grouped), order);
        hn::StoreU(hn::BitCast(bytes, in_order), bytes, to);
    }
    (void)d;
    if constexpr (Fits) return true;
    const auto high_bytes = hn::Set(words, static_cast<std::int16_t>(0xFF00));
    const auto outside = hn::And(hn::Or(low, high), high_bytes);
    return hn::AllTrue(words, hn::Eq(outside, hn::Zero(words)));
#else
    (void)d, (void)a, (void)b, (void)c, (void)e, (void)to;
    return false;
#endif
}

/// Stores the samples of four vectors, one after the other, rounded half to even. False, and what
/// is stored means nothing, where one of them is not in the range of 8 bits afterwards or is NaN;
/// always so where that cannot be told at once. Fits: they are known to be in the range.
template <bool Fits, class D, class V = hwy::HWY_NAMESPACE::Vec<D>>
HWY_INLINE bool round_bytes(D d, const V* sums, std::uint8_t* to) {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::RebindToSigned<D> ints;
    // Added to a number of less than 2^22, this leaves it rounded half to even in the low bits. The
    // others are those of the constant only where the result is in the range of 8 bits.
    const auto shift = hn::Set(d, 12582912.0F);
    const auto rounded = [&](V sum) HWY_ATTR {
        return hn::Xor(hn::BitCast(ints, hn::Add(sum, shift)), hn::BitCast(ints, shift));
    };
    return store_bytes<Fits>(d, rounded(sums[0]), rounded(sums[1]), rounded(sums[2]),
                             rounded(sums[3]), to);
}

}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#endif  // include guard of each instruction set
