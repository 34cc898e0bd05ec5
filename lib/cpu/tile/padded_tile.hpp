#pragma once

#include "conv/machine_profile.hpp"
#include "conv/problem.hpp"

namespace conv {

/// One tile of outputs of all N pictures: rows first_row.. , columns first_column.. .
struct Tile {
    std::int64_t first_row, rows, first_column, columns;
};

/// Which samples of a tile are neighbours in memory.
enum class TileOrder {
    /// [column phase][row phase][line][channel][column * N]: consecutive lines of all channels are
    /// one matrix.
    lines,
    /// [row phase][column phase][channel][line][column * N]: the lines of a channel are one long
    /// line, and the phases and channels one matrix of those.
    planes,
};

/// Where the padded input of a tile lies. Padded row h of the tile is line h / row_phases of row
/// phase h % row_phases; padded column w is column w / stride_w of column phase w % stride_w. Sizes
/// in floats.
struct TileLayout {
    std::int64_t channels;    ///< of one group
    std::int64_t row_phases;  ///< 1: the rows stay in order
    std::int64_t line_step;   ///< from one line of a channel and a phase to the next
    std::int64_t channel_step;
    std::int64_t row_phase_step, column_phase_step;
    std::int64_t floats;  ///< of a full tile

    /// For tiles of up to `rows` x `columns` outputs.
    TileLayout(const Problem& p, TileOrder order, std::int64_t phases, std::int64_t rows,
               std::int64_t columns);

    /// The place of channel `c` in padded row h.
    std::int64_t offset(std::int64_t h, std::int64_t c = 0) const {
        return h % row_phases * row_phase_step + h / row_phases * line_step + c * channel_step;
    }
    /// The place of horizontal tap s relative to the first.
    std::int64_t tap(const Problem& p, std::int64_t s) const {
        const std::int64_t w = s * p.dilation_w;
        return w % p.stride_w * column_phase_step + w / p.stride_w * p.N;
    }
};

/// Padded columns that `count` outputs of a row touch.
std::int64_t columns_touched(const Problem& p, std::int64_t count);

/// Floats of the buffer that fill_tile needs for one row of a tile of `columns` outputs.
std::int64_t tile_row_floats(const Problem& p, std::int64_t columns);

/// Pads and converts what the outputs of a tile read, for the channels of one group, into `lines`.
/// Phases with fewer rows or columns than others are filled up with zeros.
/// `row` holds tile_row_floats.
void fill_tile(const Problem& p, const TileLayout& layout, const Source& src, std::int64_t group,
               const Tile& tile, float* lines, float* row);

/// Whether a filled tile holds no NaN and no Inf.
bool tile_is_finite(const Problem& p, const TileLayout& layout, const Tile& tile,
                    const float* lines);

/// Predicted seconds of fill_tile.
double fill_tile_seconds(const Problem& p, const Tile& tile, const MachineProfile& profile);

}  // namespace conv
