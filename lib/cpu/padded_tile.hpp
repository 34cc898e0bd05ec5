#pragma once

#include "conv/problem.hpp"

namespace conv {

/// One tile of outputs of all N pictures: rows first_row.. , columns first_column.. .
struct Tile {
    std::int64_t first_row, rows, first_column, columns;
};

/// Where the padded input of a tile lies: [column phase][row phase][line][channel][column * N].
/// Padded row h of the tile is line h / row_phases of row phase h % row_phases; padded column w is
/// column w / stride_w of column phase w % stride_w. Sizes in floats.
struct TileLayout {
    std::int64_t channels;         ///< of one group
    std::int64_t row_phases;       ///< 1: the rows stay in order
    std::int64_t lines_per_phase;  ///< padded rows of a full tile in one row phase
    std::int64_t line_floats;      ///< from one line to the next

    /// For tiles of up to `rows` x `columns` outputs.
    TileLayout(const Problem& p, std::int64_t phases, std::int64_t rows, std::int64_t columns);

    std::int64_t line(std::int64_t h) const {
        return h % row_phases * lines_per_phase + h / row_phases;
    }
    /// The place of channel `c` in padded row h.
    std::int64_t offset(std::int64_t h, std::int64_t c = 0) const {
        return (line(h) * channels + c) * line_floats;
    }
    std::int64_t column_phase_floats() const {
        return row_phases * lines_per_phase * channels * line_floats;
    }
    /// The place of horizontal tap s relative to the first.
    std::int64_t tap(const Problem& p, std::int64_t s) const {
        const std::int64_t w = s * p.dilation_w;
        return w % p.stride_w * column_phase_floats() + w / p.stride_w * p.N;
    }
    std::int64_t tile_floats(const Problem& p) const { return p.stride_w * column_phase_floats(); }
};

/// Padded columns that `count` outputs of a row touch.
std::int64_t columns_touched(const Problem& p, std::int64_t count);

/// Floats of the buffer that fill_tile needs for one row of a tile of `columns` outputs.
std::int64_t tile_row_floats(const Problem& p, std::int64_t columns);

/// Pads and converts what the outputs of a tile read, for the channels of one group, into `lines`.
/// `row` holds tile_row_floats.
void fill_tile(const Problem& p, const TileLayout& layout, const Source& src, std::int64_t group,
               const Tile& tile, float* lines, float* row);

}  // namespace conv
