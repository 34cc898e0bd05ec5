#include "cpu/igemm/kernels.hpp"

#include <algorithm>
#include <array>

#include "cpu/tile/lanes.hpp"

// The 8-bit dot products of AVX-512 VNNI come with this target.
#define HWY_WANT_AVX3_DL

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/igemm/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/igemm/rounding-inl.hpp"

#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_CLANG
// clang takes the innermost attribute alone.
HWY_PUSH_ATTRIBUTES(HWY_TARGET_STR ",avx512vnni")
#else
HWY_BEFORE_NAMESPACE();
#if HWY_TARGET == HWY_AVX3_DL
#pragma GCC target("avx512vnni")
#endif
#endif
namespace conv {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Words = hn::Repartition<std::int16_t, Ints>;

template <typename T>
HWY_INLINE const T* samples_of(const std::byte* row) {
    return reinterpret_cast<const T*>(row);
}

/// Cells of two numbers of 16 bits.
struct Pairs {
    static constexpr Index kSamples = 2, kDigitBits = 16;

    static HWY_INLINE IntVector add_products(IntVector cells, IntVector weights, IntVector sums) {
#if HWY_TARGET == HWY_AVX3_DL
        return IntVector{_mm512_dpwssd_epi32(sums.raw, cells.raw, weights.raw)};
#elif HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
        // One instruction, which adds both products to `sums`; others keep the second ones apart.
        const Ints ints;
        const Words words;
        IntVector none = hn::Zero(ints);
        return hn::ReorderWidenMulAccumulate(ints, hn::BitCast(words, cells),
                                             hn::BitCast(words, weights), sums, none);
#else
        const auto first = [](IntVector x) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(x)); };
        const auto second = [](IntVector x) { return hn::ShiftRight<16>(x); };
        return hn::Add(sums, hn::Add(hn::Mul(first(cells), first(weights)),
                                     hn::Mul(second(cells), second(weights))));
#endif
    }
};

/// Columns of two rows of words, less kWordOffset: its bit is turned over.
void pack_words(const std::byte* const* rows, Index count, std::uint32_t* cells) {
    const auto *first = samples_of<std::uint16_t>(rows[0]),
               *second = samples_of<std::uint16_t>(rows[1]);
    constexpr std::uint32_t kSigns = kWordOffset * 0x10001U;
#if HWY_TARGET == HWY_SCALAR
    for (Index x = 0; x < count; ++x) {
        cells[x] = (first[x] + (std::uint32_t{second[x]} << 16)) ^ kSigns;
    }
#else
    const hn::CappedTag<std::uint16_t, 8> words;
    const hn::RepartitionToWide<decltype(words)> pairs;
    const auto signs = hn::Set(pairs, kSigns);
    const auto columns = static_cast<Index>(hn::Lanes(words));
    for (Index x = 0; x < count; x += columns) {
        const auto a = hn::LoadU(words, first + x), b = hn::LoadU(words, second + x);
        const auto low = hn::ZipLower(pairs, a, b), high = hn::ZipUpper(pairs, a, b);
        hn::StoreU(hn::Xor(low, signs), pairs, cells + x);
        hn::StoreU(hn::Xor(high, signs), pairs, cells + x + columns / 2);
    }
#endif
}

#if HWY_TARGET == HWY_AVX3_DL
/// Cells of four numbers of 8 bits.
struct Quads {
    static constexpr Index kSamples = 4, kDigitBits = 8;

    static HWY_INLINE IntVector add_products(IntVector cells, IntVector weights, IntVector sums) {
        return IntVector{_mm512_dpbusd_epi32(sums.raw, cells.raw, weights.raw)};
    }
};

/// Columns of four rows. Interleaving works within blocks of 16 bytes, so that groups of 4 columns
/// are dealt out to the blocks first.
void pack_quads(const std::byte* const* rows, Index count, std::uint32_t* cells) {
    using Bytes = hn::Repartition<std::uint8_t, Ints>;
    const Ints ints;
    const Bytes bytes;
    const Words words;
    alignas(64) static constexpr std::int32_t kDealt[16] = {0, 4, 8,  12, 1, 5, 9,  13,
                                                            2, 6, 10, 14, 3, 7, 11, 15};
    const auto order = hn::SetTableIndices(ints, kDealt);
    for (Index x = 0; x < count; x += 4 * lanes()) {
        const auto dealt = [&](int i) HWY_ATTR {
            const auto row =
                hn::BitCast(ints, hn::LoadU(bytes, samples_of<std::uint8_t>(rows[i]) + x));
            return hn::BitCast(bytes, hn::TableLookupLanes(row, order));
        };
        const auto a = dealt(0), b = dealt(1), c = dealt(2), e = dealt(3);
        const auto low = hn::BitCast(words, hn::InterleaveLower(bytes, a, b));
        const auto high = hn::BitCast(words, hn::InterleaveUpper(bytes, a, b));
        const auto low2 = hn::BitCast(words, hn::InterleaveLower(bytes, c, e));
        const auto high2 = hn::BitCast(words, hn::InterleaveUpper(bytes, c, e));
        auto* to = reinterpret_cast<std::int16_t*>(cells + x);
        hn::StoreU(hn::InterleaveLower(words, low, low2), words, to);
        hn::StoreU(hn::InterleaveUpper(words, low, low2), words, to + 2 * lanes());
        hn::StoreU(hn::InterleaveLower(words, high, high2), words, to + 4 * lanes());
        hn::StoreU(hn::InterleaveUpper(words, high, high2), words, to + 6 * lanes());
    }
}
#else
/// Columns of two rows of bytes.
void pack_bytes(const std::byte* const* rows, Index count, std::uint32_t* cells) {
    const auto *first = samples_of<std::uint8_t>(rows[0]),
               *second = samples_of<std::uint8_t>(rows[1]);
#if HWY_TARGET == HWY_SCALAR
    for (Index x = 0; x < count; ++x) {
        cells[x] = first[x] + (std::uint32_t{second[x]} << 16);
    }
#else
    const hn::CappedTag<std::int16_t, 16> words;
    const hn::Rebind<std::uint8_t, decltype(words)> bytes;
    const auto columns = static_cast<Index>(hn::Lanes(words)) / 2;
    for (Index x = 0; x < count; x += columns) {
        const auto a = hn::LoadU(bytes, first + x), b = hn::LoadU(bytes, second + x);
        hn::StoreU(hn::PromoteTo(words, hn::InterleaveLower(bytes, a, b)), words,
                   reinterpret_cast<std::int16_t*>(cells + x));
    }
#endif
}
#endif

// A block of T rows, D digits and V vectors of sums stays in registers over the whole window, with
// V vectors of cells and a weight beside it.
template <class Cells, Index T, Index D, Index V>
struct Block {
    IntVector sums[std::size_t{T}][std::size_t{D}][std::size_t{V}];
};

/// One line for rows First..Last.
template <Index First, Index Last, class Cells, Index T, Index D, Index V>
HWY_INLINE void add_line(std::span<const Index> taps, const std::uint32_t* HWY_RESTRICT line,
                         const std::uint32_t* HWY_RESTRICT weights, Block<Cells, T, D, V>& block) {
    const Ints ints;
    const auto* weight = reinterpret_cast<const std::int32_t*>(weights);
    for (const Index tap : taps) {
        const auto* from = reinterpret_cast<const std::int32_t*>(line + tap);
        IntVector x[std::size_t{V}];
        for (Index v = 0; v < V; ++v) x[v] = hn::LoadU(ints, from + v * lanes());
        for (Index d = 0; d < D; ++d, weight += T) {
            for (Index t = First; t <= Last; ++t) {
                const IntVector w = hn::Set(ints, weight[t]);
                IntVector* sums = block.sums[t][d];
                for (Index v = 0; v < V; ++v) sums[v] = Cells::add_products(x[v], w, sums[v]);
            }
        }
    }
}

/// The line's rows are known at compile time: First..Last is tried, then what is left.
template <Index First, Index Last, class Cells, Index T, Index D, Index V>
HWY_INLINE void add_line_of(const CellLine& rows, std::span<const Index> taps,
                            const std::uint32_t* line, const std::uint32_t* weights,
                            Block<Cells, T, D, V>& block) {
    if (rows.first == First && rows.last == Last) {
        return add_line<First, Last>(taps, line, weights, block);
    }
    if constexpr (First < Last) {
        if (rows.first == First) {
            return add_line_of<First, Last - 1>(rows, taps, line, weights, block);
        }
    }
    if constexpr (First + 1 < T) {
        add_line_of<First + 1, T - 1>(rows, taps, line, weights, block);
    }
}

template <class Cells, Index T, Index D, Index V>
HWY_INLINE void sum_block(const CellSums& c, Index x, std::int32_t bias,
                          Block<Cells, T, D, V>& block) {
    const Ints ints;
    for (auto& row : block.sums) {
        for (Index d = 0; d < D; ++d) {
            for (IntVector& sum : row[d]) sum = hn::Set(ints, d == 0 ? bias : 0);
        }
    }
    const std::uint32_t* weights = c.weights;
    for (const CellLine& line : c.lines) {
        add_line_of<0, T - 1>(line, c.taps, c.cells + line.offset + x, weights, block);
        weights += static_cast<Index>(c.taps.size()) * D * T;
    }
}

/// Joins the digits of each sum and rounds them into bytes.
template <ByteQuotient::Form form, bool Fits>
struct ByteWriter {
    ByteRounding<form, Fits> rounding;
    std::uint8_t* out;
    Index step;
    Index rows;

    template <Index D, Index V>
    static HWY_INLINE IntVector joined(const IntVector (&sums)[std::size_t{D}][std::size_t{V}],
                                       Index v) {
        if constexpr (D == 1) return sums[0][v];
        return hn::Add(hn::ShiftLeft<8>(sums[D - 1][v]), sums[0][v]);
    }

    template <class Cells, Index T, Index D, Index V>
    HWY_INLINE void store(const Block<Cells, T, D, V>& block, Index x, Index columns) const {
        for (Index t = 0; t < std::min(T, rows); ++t) {
            std::uint8_t* to = out + t * step + x;
            for (Index v = 0; v < V; v += 4) {
                IntVector sums[4];
                for (Index i = 0; i < 4; ++i) sums[i] = joined<D, V>(block.sums[t], v + i);
                rounding.store(sums, columns - v * lanes(), to + v * lanes());
            }
        }
    }
    std::int32_t bias() const { return rounding.quotient.bias; }
};

/// Stores the digits' sums as they are.
struct DigitWriter {
    std::int32_t* out;
    Index step;

    template <class Cells, Index T, Index D, Index V>
    HWY_INLINE void store(const Block<Cells, T, D, V>& block, Index x, Index) const {
        for (Index d = 0; d < D; ++d) {
            for (Index t = 0; t < T; ++t) {
                for (Index v = 0; v < V; ++v) {
                    hn::StoreU(block.sums[t][d][v], Ints(),
                               out + (d * T + t) * step + x + v * lanes());
                }
            }
        }
    }
    static std::int32_t bias() { return 0; }
};

/// Columns x.. of a strip in blocks of V vectors, up to `end`; returns where the next would begin.
template <class Cells, Index T, Index D, Index V, class Writer>
HWY_INLINE Index sum_columns(const CellSums& c, Index x, Index end, const Writer& writer) {
    const Index width = V * lanes();
    for (; x < end; x += width) {
        Block<Cells, T, D, V> block;
        sum_block(c, x, writer.bias(), block);
        writer.store(block, x, std::min(width, c.columns - x));
    }
    return x;
}

/// All of them, the last in a block of four vectors at most, whose end may not count.
template <class Cells, Index T, Index D, Index V, class Writer>
void strip(const CellSums& c, const Writer& writer) {
    Index x = 0;
    if constexpr (V > 4) x = sum_columns<Cells, T, D, V>(c, x, c.columns - V * lanes() + 1, writer);
    sum_columns<Cells, T, D, std::min(V, Index{4})>(c, x, c.columns, writer);
}

template <class Cells, Index T, Index D, Index V>
Lost bytes_of_strip(const CellSums& c, const ByteQuotient& quotient, std::uint8_t* out,
                    Index step) {
    using Form = ByteQuotient::Form;
    Lost lost;
    const auto run = [&]<Form form>() HWY_ATTR {
        if (quotient.fits) {
            strip<Cells, T, D, V>(c, ByteWriter<form, true>{{quotient, &lost}, out, step, c.rows});
        } else {
            strip<Cells, T, D, V>(c, ByteWriter<form, false>{{quotient, &lost}, out, step, c.rows});
        }
    };
    switch (quotient.form) {
        case Form::whole:
            run.template operator()<Form::whole>();
            break;
        case Form::product:
            run.template operator()<Form::product>();
            break;
        case Form::quotient:
            run.template operator()<Form::quotient>();
            break;
    }
    return lost;
}

template <class Cells, Index T, Index D, Index V>
void digits_of_strip(const CellSums& c, std::int32_t* out, Index step) {
    strip<Cells, T, D, V>(c, DigitWriter{out, step});
}

#if HWY_TARGET == HWY_AVX3_DL
// Two dot products a cycle, with a latency of 5; one load, for most cross a cache line.
template <Index V>
constexpr double kLeast = std::max(2.0, 10.0 / V);
#else
template <Index V>
constexpr double kLeast = 1;
#endif

template <class Cells, Index T, Index D, Index V>
constexpr CellKernel byte_kernel(decltype(CellKernel::pack) pack) {
    return {.type = SampleType::u8,
            .samples = Cells::kSamples,
            .rows = T,
            .digits = D,
            .digit_bits = Cells::kDigitBits,
            .least = kLeast<V>,
            .pack = pack,
            .bytes = V % 4 == 0 ? bytes_of_strip<Cells, T, D, V> : nullptr,
            .digit_sums = digits_of_strip<Cells, T, D, V>};
}

template <Index V>
constexpr CellKernel word_kernel() {
    return {.type = SampleType::u16,
            .samples = Pairs::kSamples,
            .rows = 2,
            .digits = 1,
            .digit_bits = Pairs::kDigitBits,
            .least = kLeast<V>,
            .pack = pack_words,
            .bytes = nullptr,
            .digit_sums = digits_of_strip<Pairs, 2, 1, V>};
}

// As many sums as registers allow: 16 of 32, with up to 8 vectors of cells; 8 of 16.
#if HWY_TARGET == HWY_AVX3_DL
constexpr std::array kKernels = {byte_kernel<Quads, 4, 1, 4>(pack_quads),
                                 byte_kernel<Quads, 2, 1, 8>(pack_quads),
                                 byte_kernel<Quads, 2, 2, 4>(pack_quads), word_kernel<8>()};
#elif HWY_TARGET == HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr std::array kKernels = {byte_kernel<Pairs, 2, 1, 8>(pack_bytes),
                                 byte_kernel<Pairs, 2, 2, 4>(pack_bytes), word_kernel<8>()};
#else
constexpr std::array kKernels = {byte_kernel<Pairs, 2, 1, 4>(pack_bytes),
                                 byte_kernel<Pairs, 2, 2, 2>(pack_bytes), word_kernel<4>()};
#endif

std::span<const CellKernel> kernels() {
    return kKernels;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(kernels);

std::span<const CellKernel> cell_kernels() {
    return HWY_DYNAMIC_DISPATCH(kernels)();
}

}  // namespace conv
#endif  // HWY_ONCE
