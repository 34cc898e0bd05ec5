#include "cpu/winograd/product.hpp"

#include <hwy/cache_control.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/size.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/winograd/product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = HWY_CAPPED(float, kWinogradPanel / 2);
using V = hn::Vec<Tag>;

constexpr std::size_t kVectorFloats = hn::MaxLanes(Tag());
// Vectors of maps and tiles at once: two or four vectors are a panel or half of it, and their sums,
// weights and a sample must fit the registers: 32 with AVX-512 and on Arm, else 16.
constexpr std::size_t kVectors = kVectorFloats >= 8 ? 2 : 4;
constexpr std::size_t kRegisters = HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM ? 32 : 16;
constexpr std::size_t kMostTiles = (kRegisters - kVectors - 1) / kVectors;

// The weights of a layer stream through the cache: each run over the tiles has the processor fetch
// a line of the next product's for each channel, so that two runs fetch a panel. After the last
// product there is nothing, which a prefetch may ask for.
constexpr std::int64_t kFetchFloats = kWinogradPanel / 2;

/// The product for a few tiles and kWidth vectors of maps, held in registers over all channels:
/// number i is vector i % kWidth of tile i / kWidth. A pack of numbers, for compilers keep an array
/// in memory where they do not see through the loops over it.
template <std::size_t kWidth, std::size_t... i>
HWY_INLINE void multiply_block(const WinogradProduct& p, const float* next,
                               std::index_sequence<i...>) {
    const Tag tag;
    const float* weights = p.weights;
    V sum[sizeof...(i)], w[kWidth];
    ((sum[i] = hn::Zero(tag)), ...);
    for (std::int64_t c = 0; c < p.channels; ++c, weights += p.maps, next += kFetchFloats) {
        hwy::Prefetch(next);
        for (std::size_t v = 0; v < kWidth; ++v) w[v] = hn::Load(tag, weights + v * kVectorFloats);
        ((sum[i] = hn::MulAdd(
              w[i % kWidth], hn::Set(tag, p.in[std::int64_t{i / kWidth} * p.in_step + c]), sum[i])),
         ...);
    }
    (hn::Store(sum[i], tag, p.out + std::int64_t{i / kWidth} * p.maps + i % kWidth * kVectorFloats),
     ...);
}

template <std::size_t kWidth, std::size_t kTiles>
void multiply_tiles(const WinogradProduct& p, const float* next) {
    multiply_block<kWidth>(p, next, std::make_index_sequence<kWidth * kTiles>());
}

using Block = void (*)(const WinogradProduct&, const float* next);

template <std::size_t kWidth, std::size_t... kLess>
constexpr std::array<Block, kMostTiles> blocks(std::index_sequence<kLess...>) {
    return {multiply_tiles<kWidth, kLess + 1>...};
}

/// multiply_tiles for 1, 2 ... kMostTiles tiles.
template <std::size_t kWidth>
constexpr auto kBlocks = blocks<kWidth>(std::make_index_sequence<kMostTiles>());

/// kWidth vectors of maps, from `map` on, of all tiles, in runs as even as can be: the sums of too
/// few tiles would wait for each other.
template <std::size_t kWidth>
void multiply_columns(const WinogradProduct& p, std::int64_t map) {
    const auto runs = ceil_div(p.tiles, static_cast<std::int64_t>(kMostTiles));
    const float* next = p.weights + p.channels * p.maps;
    WinogradProduct part = p;
    part.weights += map;
    part.out += map;
    for (std::int64_t run = 0, left = p.tiles; run < runs; ++run, left -= part.tiles) {
        part.tiles = left / (runs - run);
        kBlocks<kWidth>[static_cast<std::size_t>(part.tiles - 1)](
            part, next + std::min<std::int64_t>(run, 1) * p.channels * kFetchFloats);
        part.in += part.tiles * p.in_step;
        part.out += part.tiles * p.maps;
    }
}

void multiply(const WinogradProduct& p) {
    constexpr auto kMaps = static_cast<std::int64_t>(kVectors * kVectorFloats);
    // With AVX-512 half a panel is one vector.
    if (p.maps < kMaps) return multiply_columns<1>(p, 0);
    for (std::int64_t map = 0; map < p.maps; map += kMaps) multiply_columns<kVectors>(p, map);
}

}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(multiply);

void winograd_multiply(const WinogradProduct& product) {
    HWY_DYNAMIC_DISPATCH(multiply)(product);
}

}  // namespace conv
#endif  // HWY_ONCE
