#pragma once

#include "cpu/tile/padded_tile.hpp"

namespace conv {

struct Extent {
    std::int64_t rows, columns;
};

/// Tiles whose output rows are computed as one long row, for pictures narrower than a row should be
/// for speed.
///
/// In TileOrder::planes with the rows split by stride_h, what output row p reads lies `pitch`
/// floats after what row p - 1 reads, in every phase and channel. So a sum over taps that runs on
/// from the end of one row to the next computes all rows at once. The few columns in between, which
/// mix the end of a row with the start of the next, are computed and dropped.
struct FlatTiling {
    Extent tile;  ///< outputs of a full tile
    TileLayout layout;

    /// `results`: maps whose results share the cache with the tile.
    FlatTiling(const Problem& p, std::int64_t results);

    std::int64_t pitch() const { return layout.line_step; }
    /// Results of one map of a tile, with those in between.
    std::int64_t flat_floats(const Problem& p, Extent outputs) const {
        return (outputs.rows - 1) * pitch() + outputs.columns * p.N;
    }
    /// Tiles of all groups, where one that is not full counts as its part of a full one.
    double tiles(const Problem& p) const {
        return static_cast<double>(p.groups) * static_cast<double>(p.P()) *
               static_cast<double>(p.Q()) / static_cast<double>(tile.rows * tile.columns);
    }
    /// The place of tap (r, s) relative to the first.
    std::int64_t tap(const Problem& p, std::int64_t r, std::int64_t s) const {
        return layout.offset(r * p.dilation_h) + layout.tap(p, s);
    }
};

/// Long rows of some maps, `step` floats apart.
struct FlatResults {
    const float* data;
    std::int64_t step, first_map, maps;
};

/// Writes results where they belong: rows 0.. of dst, columns from tile.first_column on.
void store_flat_rows(const Problem& p, const FlatTiling& tiling, const Tile& tile,
                     const FlatResults& results, TensorView<float> dst);

}  // namespace conv
