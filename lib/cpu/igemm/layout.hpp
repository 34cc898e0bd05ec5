#pragma once

#include <vector>

#include "conv/whole_weights.hpp"
#include "cpu/igemm/kernels.hpp"
#include "cpu/tile/padded_tile.hpp"

namespace conv {

/// How the samples of a cell lie: one below the other, or side by side in a row, dilation_w apart.
enum class CellForm { column, row };

struct CellChoice {
    CellKernel kernel;
    CellForm form;
    double work;  ///< multiply-adds of cells for one result, packing counted as some of them
};

/// The kernel and the form with the least work: cells of a row waste no zeros on low windows, and
/// need a horizontal stride of 1.
CellChoice choose_cells(const Problem& p, const WholeWeights& weights);

/// How a problem is taken apart into strips of cells, decided once.
///
/// Output rows p, p + chain_step, .. form a chain, whose rows read every dilation_h-th picture row
/// from the same one on: the chain's lines. A line of cells holds `height` of those; the
/// next begins `line_rows` further down, so that every strip begins with a whole one. It is the
/// Toeplitz block of row lowering with the weights of `kernel.rows` output rows, zeros included,
/// cell by cell; cells of zeros alone are left out.
struct CellLayout {
    CellKernel kernel;
    CellForm form;
    double work;               ///< CellChoice's
    std::int64_t height;       ///< of a line of cells in the chain's lines
    std::int64_t chain_step;   ///< dilation_h / g, g = gcd(stride_h, dilation_h)
    std::int64_t row_step;     ///< stride_h / g: the chain's lines from one output row to the next
    std::int64_t line_rows;    ///< from one line of cells to the next
    std::int64_t strip_lines;  ///< lines of cells that one strip reads of one channel
    std::int64_t rows, columns;      ///< outputs of a full tile
    std::int64_t line_cells;         ///< from one line of cells to the next; also samples of a row
    std::int64_t channel_lines;      ///< lines of cells of a channel and a column phase
    std::vector<CellLine> lines;     ///< of a strip: [channel][line]
    std::int64_t neighbour;          ///< samples from one of a cell of a row to the next
    std::vector<std::int64_t> taps;  ///< places of the cells that a row of the window reads

    CellLayout(const Problem& p, const CellChoice& choice);

    /// Rows of a chain in a tile of `count` rows, from its first row on.
    std::int64_t chain_rows(std::int64_t count) const;
    /// Picture rows that `count` output rows of a chain read.
    std::int64_t chain_lines(const Problem& p, std::int64_t count) const {
        return (count - 1) * row_step + p.R;
    }
    std::int64_t cells(const Problem& p) const {
        return p.group_channels() * p.stride_w * channel_lines * line_cells;
    }
    /// Cells of weights of one map, and the bytes of all.
    std::int64_t map_weights() const {
        return static_cast<std::int64_t>(lines.size()) * static_cast<std::int64_t>(taps.size()) *
               kernel.digits * kernel.rows;
    }
    std::int64_t weight_bytes(const Problem& p) const {
        return p.K * map_weights() * static_cast<std::int64_t>(sizeof(std::uint32_t));
    }
    /// Picture rows of a channel's lines of cells, zeros below the picture's own included.
    std::int64_t padded_lines() const { return (channel_lines - 1) * line_rows + height; }
};

/// The cells of weights of all maps: [map][line of a strip][tap][digit][output row of a strip].
std::vector<std::uint32_t> cell_weights(const Problem& p, const CellLayout& layout,
                                        std::span<const std::int32_t> values);

}  // namespace conv
