#pragma once

#include "cpu/tile/lanes.hpp"
#include "cpu/tile/padded_tile.hpp"

namespace conv {

/// Tiles whose rows stay in order, for `direct` and `separable`: the sizes that are decided once
/// for a problem.
///
/// Output rows p, p + chain_step, p + 2*chain_step .. form a chain: they read the same lines, those
/// dilation_h apart, each row_step such lines after the one before.
struct Tiling {
    std::int64_t chain_step;     ///< dilation_h / g, g = gcd(stride_h, dilation_h)
    std::int64_t row_step;       ///< stride_h / g
    std::int64_t rows, columns;  ///< outputs of a full tile

    explicit Tiling(const Problem& p);

    /// Rows stay in order, columns are split by stride_w.
    TileLayout layout(const Problem& p) const { return {p, TileOrder::lines, 1, rows, columns}; }

    /// Bytes of a tile, of what direct_rows reads beyond it, and of fill_tile's row.
    std::int64_t tile_bytes(const Problem& p) const;
};

}  // namespace conv
