#include "cpu/tile/flat_tiling.hpp"

#include <algorithm>

#include "base/size.hpp"
#include "cpu/tile/cache.hpp"

namespace conv {
namespace {

// The tile and its results; the weights share the cache.
constexpr std::int64_t kTileFloats = kL2Floats * 5 / 8;
// Tiles are this many times their halo high and wide: the rows of the halo are padded and converted
// again for each tile, its columns are computed and dropped.
constexpr std::int64_t kHalosHigh = 3, kHalosWide = 8;

/// Parts of at most `most` out of `size`, as equal as can be.
std::int64_t equal_part(std::int64_t size, std::int64_t most) {
    return ceil_div(size, ceil_div(size, std::max<std::int64_t>(most, 1)));
}

Extent full_tile(const Problem& p, std::int64_t results) {
    const std::int64_t samples = p.group_channels() * p.stride_h * p.stride_w;
    const std::int64_t outputs = kTileFloats / ((samples + results) * p.N);
    const std::int64_t halo_rows = (p.R - 1) * p.dilation_h / p.stride_h;
    const std::int64_t halo_columns = (p.S - 1) * p.dilation_w / p.stride_w;
    const std::int64_t least = kHalosHigh * halo_rows + 4;
    const std::int64_t wanted = std::min(outputs / p.Q(), ceil_div(p.P(), kWantedTiles));
    const std::int64_t rows = equal_part(p.P(), std::max(wanted, least));
    return {rows, equal_part(p.Q(), std::max(outputs / rows, kHalosWide * halo_columns + 8))};
}

}  // namespace

FlatTiling::FlatTiling(const Problem& p, std::int64_t results)
    : tile(full_tile(p, results)),
      layout(p, TileOrder::planes, p.stride_h, tile.rows, tile.columns) {}

void store_flat_rows(const Problem& p, const FlatTiling& tiling, const Tile& tile,
                     const FlatResults& results, TensorView<float> dst) {
    for (std::int64_t k = 0; k < results.maps; ++k) {
        for (std::int64_t t = 0; t < tile.rows; ++t) {
            std::copy_n(results.data + k * results.step + t * tiling.pitch(), tile.columns * p.N,
                        &dst(0, results.first_map + k, t, tile.first_column));
        }
    }
}

}  // namespace conv
