#pragma once

#include <algorithm>
#include <cstdint>

#include "base/aligned_buffer.hpp"
#include "base/size.hpp"
#include "cpu/separable/kernels.hpp"
#include "cpu/tile/lanes.hpp"
#include "cpu/tile/row_tiling.hpp"
#include "tensor/source.hpp"

namespace conv {

/// Where the middle of a piece lies: [column phase][term][row][column * N].
struct SeparableMiddle {
    // A strip is as high as what column_sums computes at once, for each of the output rows that
    // share no line, and is taken in pieces whose middle, with the lines it is made of, stays in
    // the first-level cache: 6 lines of 1152 floats are 27 KiB. That is 2 runs of 3 interleaved
    // channels.
    static constexpr std::int64_t kPieceFloats = 1152;
    static constexpr std::int64_t kMostRows = 6;
    // Pieces are this many times as wide as the halo that neighbours compute both.
    static constexpr std::int64_t kPieceHalos = 12;
    // Whole runs of vectors, in columns.
    static constexpr std::int64_t kRunColumns = 192;

    std::int64_t columns;  ///< outputs of a whole piece
    std::int64_t rows, line_floats, terms;

    SeparableMiddle(const Problem& p, const Tiling& tiling, std::int64_t most)
        : columns(std::min(piece_columns(p), tiling.columns)),
          rows(std::min(chain_rows(p.R) * tiling.chain_step, tiling.rows)),
          line_floats(round_up(width(p, columns) * p.N + kLanes, kLanes)),
          terms(most) {}

    /// Rows of a chain: as many as column_sums computes at once, twice or more where those are few.
    static std::int64_t chain_rows(std::int64_t R) {
        const std::int64_t together = column_rows_together(R);
        return kMostRows / together * together;
    }
    /// Columns of one phase that `count` outputs touch.
    static std::int64_t width(const Problem& p, std::int64_t count) {
        return ceil_div(columns_touched(p, count), p.stride_w);
    }
    static std::int64_t piece_columns(const Problem& p) {
        const std::int64_t halo = (p.S - 1) * p.dilation_w / p.stride_w;
        return round_up(std::max(kPieceFloats / p.N, kPieceHalos * halo), kRunColumns);
    }
    std::int64_t term_floats() const { return rows * line_floats; }
    std::int64_t phase_floats() const { return terms * term_floats(); }
    std::int64_t floats(const Problem& p) const { return p.stride_w * phase_floats(); }
};

/// What a run of separable keeps in its workspace.
struct SeparableScratch {
    std::int64_t middle, table, constants, tile;  ///< in floats, whole cache lines

    SeparableScratch(const Problem& p, const Tiling& tiling, const SeparableMiddle& m)
        : middle(m.floats(p)),
          table(in_floats(p.padded_rows(tiling.rows) *
                          static_cast<std::int64_t>(sizeof(const void*)))),
          constants(in_floats(p.N * kFloatBytes)),
          tile(in_floats(tiling.tile_bytes(p))) {}

    static std::int64_t in_floats(std::int64_t bytes) {
        return round_up(bytes, static_cast<std::int64_t>(kBufferAlignment)) / kFloatBytes;
    }
    std::int64_t bytes() const { return (middle + table + constants + tile) * kFloatBytes; }
};

/// Padded rows of a tile, and what of them can be read: the source itself, or a padded copy.
struct SeparableLines {
    SampleType type = SampleType::f32;
    const void* const* rows = nullptr;
    std::int64_t channel_step = 0, phase_step = 0;
    std::int64_t first = 0, end = 0;  ///< padded columns; sample 0 of a row is column `first`
    bool far = false;                 ///< not in a cache yet

    /// The place of a column in the rows of a channel.
    std::int64_t offset(const Problem& p, std::int64_t c, std::int64_t phase,
                        std::int64_t column) const {
        return c * channel_step + phase * phase_step + (column - first) * p.N;
    }
};

/// Outputs of a tile that are computed together.
struct SeparablePiece {
    std::int64_t row, rows;      ///< from the tile's first row on
    std::int64_t column, count;  ///< of the picture
};

/// Where a run of separable works.
struct SeparableWork {
    const Source& src;
    float* middle;
    const void** table;
    float* constants;
    float* tile;
};

}  // namespace conv
