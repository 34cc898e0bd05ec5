#include "cpu/tile/row_tiling.hpp"

#include <algorithm>
#include <numeric>

#include "base/size.hpp"
#include "cpu/tile/cache.hpp"
#include "cpu/tile/lanes.hpp"

namespace conv {
namespace {

// Input lines of a tile; the result's rows share the cache.
constexpr std::int64_t kInputFloats = kL2Floats / 2;
// Fewer rows than this pay for the halo of a small kernel more than once; more gain nothing.
constexpr std::int64_t kLeastRows = 2 * kRowsTogether, kMostRows = 10 * kRowsTogether;
// Lines narrower than this make poor use of vectors.
constexpr std::int64_t kLeastFloats = 128;

}  // namespace

Tiling::Tiling(const Problem& p) {
    const std::int64_t g = std::gcd(p.stride_h, p.dilation_h);
    chain_step = p.dilation_h / g;
    row_step = p.stride_h / g;

    // Tall enough that the halo of (R-1)*dilation_h rows is not most of the tile. Then as many
    // rows as fit at full width: long runs of a row are what the processor fetches ahead.
    const std::int64_t halo = (p.R - 1) * p.dilation_h;
    const std::int64_t least = std::max(kLeastRows, round_up(2 * halo / p.stride_h, kRowsTogether));
    const std::int64_t line = p.group_channels() * p.stride_w * p.N;
    const std::int64_t lines = kInputFloats / (ceil_div(p.padded_width(), p.stride_w) * line);
    const std::int64_t fitting = (lines - halo) / p.stride_h / kRowsTogether * kRowsTogether;
    const std::int64_t share = round_up(ceil_div(p.P(), kWantedTiles), kRowsTogether);
    const std::int64_t most = std::max(least, std::min(kMostRows, share));
    rows = std::min(std::clamp(fitting, least, most), p.P());

    // Where even the least rows do not fit, rows are split, but into pieces of several times
    // the kernel's width, so that its halo is paid once.
    const std::int64_t narrowest =
        std::max(2 * (p.S - 1) * p.dilation_w / p.stride_w, kLeastFloats / p.N + 1);
    columns = 2 * kInputFloats / (line * p.padded_rows(rows));
    columns = std::min(std::max(columns, narrowest), p.Q());
    // Pieces of whole lines, so that they can be written past the caches.
    if (p.facts.far_results && columns < p.Q()) columns = round_up(columns, kLanes);
}

std::int64_t Tiling::tile_bytes(const Problem& p) const {
    return (layout(p).floats + tile_row_floats(p, columns) + kLanes) * kFloatBytes;
}

}  // namespace conv
