#include "cpu/winograd/tiling.hpp"

#include "base/size.hpp"
#include "cpu/tile/cache.hpp"
#include "cpu/tile/lanes.hpp"

namespace conv {
namespace {

// The transformed input of a block and a panel's output: hardly more than a second-level cache,
// for larger blocks stream and smaller ones read the weights more often. A weight comes from the
// third-level cache in the time of twelve products: with 32 tiles these hide it.
constexpr std::int64_t kBlockFloats = kL2Floats * 3 / 2;
constexpr std::int64_t kLeastTiles = 32, kMostTiles = 512;

/// At least `floats`, and an odd number of cache lines, so that what is written side by side does
/// not meet in one set of the cache.
std::int64_t odd_lines(std::int64_t floats) {
    return (ceil_div(floats, kLanes) | 1) * kLanes;
}

/// How fast a machine is for winograd, in seconds: a multiply-add of the products; a transformed
/// number's way in and out; a sample's way in and a result's out; a weight's way from the
/// third-level cache, which the products hide.
struct Rates {
    double mac, number, sample, weight;
};
// Of a Zen 5 core with AVX-512.
constexpr Rates kReference = {1 / 120e9, 0.1e-9, 0.06e-9, 0.1e-9};

double seconds(const Problem& p, std::int64_t m, const Rates& rates) {
    const WinogradTiling t(p, m);
    const auto C = static_cast<double>(t.channels), K = static_cast<double>(t.maps);
    const auto numbers = static_cast<double>(round_up(t.channels, kLanes) + t.maps);
    const auto blocks = static_cast<double>(p.N * p.groups * ceil_div(p.P(), m * t.tile_rows) *
                                            ceil_div(ceil_div(p.Q(), m), t.tile_columns));
    const auto tiles = static_cast<double>(t.tiles()), points = static_cast<double>(t.points());
    const double products = C * K * std::max(tiles * rates.mac, rates.weight);
    const double samples = static_cast<double>(m * m) * rates.sample;
    return blocks * (points * products + tiles * numbers * (points * rates.number + samples));
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

// By the same rates on every machine: m decides about rounding.
std::int64_t choose_winograd_tile(const Problem& p) {
    return seconds(p, 2, kReference) < seconds(p, 4, kReference) ? 2 : 4;
}

double winograd_seconds(const Problem& p, std::int64_t m, const MachineProfile& profile) {
    const double mac = profile[Step::winograd_vector] / static_cast<double>(vector_lanes());
    return seconds(p, m,
                   {mac, profile[Step::winograd_number], profile[Step::winograd_sample],
                    profile[Step::winograd_weight]});
}

}  // namespace conv
