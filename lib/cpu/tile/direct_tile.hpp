#pragma once

#include <vector>

#include "conv/method.hpp"
#include "cpu/tile/padded_tile.hpp"

namespace conv {

/// Direct sums of small rectangles of outputs, for methods that mix what lies in a tile and cannot
/// keep the error bound for some of its outputs: those of direct_rows, so an output whose window
/// holds zeros alone is its bias exactly, and NaN and Inf reach their own windows only.
class DirectTile {
public:
    /// For rectangles of up to `rows` x `columns` outputs.
    DirectTile(const Problem& problem, const Weights& weights, std::int64_t rows,
               std::int64_t columns);

    std::int64_t rows() const { return rows_; }
    std::int64_t columns() const { return columns_; }
    static std::int64_t workspace_floats(const Problem& problem, std::int64_t rows,
                                         std::int64_t columns);

    /// Maps that are never computed together with others: whole multiples of so many can be asked
    /// for apart.
    static constexpr std::int64_t kMapsApart = 32;

    /// Outputs of all pictures and of some maps of a group. dst's row 0 is output row first_row of
    /// the problem.
    struct Outputs {
        std::int64_t group;
        std::int64_t first_map, end_map;  ///< counted in the group
        Tile tile;
        std::int64_t first_row;
    };
    void sum(const Source& src, const Outputs& outputs, TensorView<float> dst,
             float* workspace) const;

private:
    /// Cells of the window that meet samples other than zero.
    struct Window {
        std::int64_t first_r, R, first_s, S;
    };
    /// A map, or a few that share what they read.
    struct Maps {
        std::int64_t first, count;
        std::vector<float> weights;  ///< direct_weights, or direct_map_weights
    };
    Window used_window(const Tile& tile, const float* lines) const;
    void sum_maps(const Maps& maps, const Outputs& outputs, const Window& window,
                  const float* lines, TensorView<float> dst) const;

    Problem p_;
    std::int64_t rows_, columns_, chain_step_, row_step_;
    TileLayout layout_;
    std::vector<std::int64_t> taps_;
    std::vector<Maps> maps_;
    std::vector<float> bias_;
};

}  // namespace conv
