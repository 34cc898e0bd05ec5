#include "cpu/winograd/tiling.hpp"

#include "base/size.hpp"
#include "cpu/tile/lanes.hpp"

namespace conv {
namespace {

// The transformed input of a block and a panel's output: hardly more than a second-level cache,
// for larger blocks stream and smaller ones read the weights more often. A weight comes from the
// third-level cache in the time of twelve products: with 32 tiles these hide it.
constexpr std::int64_t kBlockFloats = (std::int64_t{3} << 19) / sizeof(float);
constexpr std::int64_t kLeastTiles = 32, kMostTiles = 512;

// Measured on Zen 5 with AVX-512: the products; a transformed number's way in and out; a sample's
// way in and a result's out; a weight's way from the third-level cache, which the products hide.
constexpr std::int64_t kMeasuredLanes = 16;
constexpr double kSecondsPerMac = 1.0 / 120e9;
constexpr double kSecondsPerNumber = 0.1e-9;
constexpr double kSecondsPerSample = 0.06e-9;
constexpr double kSecondsPerWeight = 0.1e-9;

/// At least `floats`, and an odd number of cache lines, so that what is written side by side does
/// not meet in one set of the cache.
std::int64_t odd_lines(std::int64_t floats) {
    return (ceil_div(floats, kLanes) | 1) * kLanes;
}

/// With vectors of `lanes` floats. Narrower vectors slow the products down; the rest hardly waits
/// for its arithmetic.
double seconds(const Problem& p, std::int64_t m, std::int64_t lanes) {
    const WinogradTiling t(p, m);
    const auto C = static_cast<double>(t.channels), K = static_cast<double>(t.maps);
    const auto numbers = static_cast<double>(round_up(t.channels, kLanes) + t.maps);
    const auto blocks = static_cast<double>(p.N * p.groups * ceil_div(p.P(), m * t.tile_rows) *
                                            ceil_div(ceil_div(p.Q(), m), t.tile_columns));
    const auto tiles = static_cast<double>(t.tiles()), points = static_cast<double>(t.points());
    const double mac = kSecondsPerMac * kMeasuredLanes / static_cast<double>(lanes);
    const double products = C * K * std::max(tiles * mac, kSecondsPerWeight);
    const double samples = static_cast<double>(m * m) * kSecondsPerSample;
    return blocks * (points * products + tiles * numbers * (points * kSecondsPerNumber + samples));
}

}  // namespace

WinogradTiling::WinogradTiling(const Problem& p, std::int64_t tile)
    : m(tile),
      t(tile + 2),
      channels(p.group_channels()),
      maps(round_up(p.group_kernels(), kLanes)) {
    const std::int64_t rows = ceil_div(p.P(), m), columns = ceil_div(p.Q(), m);
    input.tile = odd_lines(channels);
    output.tile = panel_maps(0);
    const std::int64_t tile_floats = points() * (input.tile + output.tile);
    const std::int64_t most = std::clamp(kBlockFloats / tile_floats, kLeastTiles, kMostTiles);
    tile_columns = ceil_div(columns, ceil_div(columns, most));
    tile_rows = std::min(std::max<std::int64_t>(most / tile_columns, 1), rows);
    tile_rows = ceil_div(rows, ceil_div(rows, tile_rows));
    width = m * tile_columns + 2;
    input.point = odd_lines(tiles() * input.tile);
    output.point = odd_lines(tiles() * output.tile);
}

// Not by this processor's vectors: m decides about rounding.
std::int64_t choose_winograd_tile(const Problem& p) {
    return seconds(p, 2, kMeasuredLanes) < seconds(p, 4, kMeasuredLanes) ? 2 : 4;
}

double winograd_seconds(const Problem& p, std::int64_t m) {
    return seconds(p, m, vector_lanes());
}

}  // namespace conv
