#pragma once

#include <array>
#include <vector>

#include "conv/method.hpp"
#include "cpu/tile/direct_tile.hpp"
#include "cpu/winograd/pixel_facts.hpp"
#include "cpu/winograd/tiling.hpp"

namespace conv {

/// A number for each [first row][end row][first column][end column] in a 3 x 3 window.
using WindowRanges = std::array<std::array<std::array<std::array<double, 4>, 4>, 4>, 4>;

/// Sees to it that every output of the winograd method keeps the local error: finds the tiles whose
/// outputs might hold too little beside what else is in the tile, and computes those directly.
///
/// Error of an output. Let d be its deviation over u * |w| * r, u = eps/2, |w| the 2-norm of one
/// channel's weights and r the root mean square of the tile's samples. Roundings of different
/// channels are independent, so that with 6 deviations an output needs
///   sum |w||x| >= 6 d u sqrt(C) * (largest |w_c|) * r / kLocalError.
/// d is measured (docs/numerics.md) on tiles of noise and on single samples, which count for a
/// third of their size at least.
///
/// What the windows hold is known by rank (heavy_weights): at worst the samples below a threshold
/// meet the largest weights, and those samples are counted. The zeros of a border are known by
/// place: they meet certain weights and no others. One threshold serves a whole block, taken from
/// its first channels; a tile that fails with it is looked at again with its own.
class WinogradChecks {
public:
    WinogradChecks(const Problem& problem, const Weights& weights, const WinogradTiling& tiling);

    /// Memory for looks at blocks.
    static std::int64_t floats(const Problem& problem, const WinogradTiling& tiling);

    /// A block of tiles of one picture: its outputs, row counted from the first of the call, and
    /// the padded pixels that they read.
    struct Block {
        std::int64_t picture, first_row, rows, column, columns;
        std::int64_t width;  ///< pixels of a row
    };
    /// What is known of a block, in a thread's memory.
    struct Look {
        Block block;
        std::int64_t pixels;
        float threshold;
        PixelFacts facts;
        float *samples, *rows, *direct;
    };
    Look begin(const Block& block, float* memory) const;
    /// Adds kLanes channels of the block, from channel c of a group on, in order.
    void add(Look& look, std::int64_t c, const float* samples) const;
    /// Maps of a group, counted in it.
    struct Maps {
        std::int64_t group, first, end;
    };
    /// Once the results of these maps stand: puts right what is doubtful.
    void mend(const Source& src, const Maps& maps, Look& look, TensorView<float> dst) const;

private:
    /// Where a tile lies: its first padded pixel in the picture, and the outputs that count.
    struct Place {
        std::int64_t group, row, column, rows, columns;
    };
    struct TileFacts {
        double size;  ///< what r stands for
        /// The part of sum |w|, at least, that meets samples from the threshold on, in any window.
        double part;
    };
    Place place_of(const Block& block, std::int64_t group, std::int64_t ty, std::int64_t tx) const;
    /// Of the tile whose pixels begin at `first`, lines `width` apart.
    TileFacts facts_of(const Place& place, const PixelFacts& facts, std::int64_t first,
                       std::int64_t width) const;
    /// The part of the weights that output (y, x) of a tile finds inside the picture, less what the
    /// samples below the threshold, `small` in its window, may take.
    double part_met(const Place& place, std::int64_t y, std::int64_t x, double small) const;
    bool fine(std::int64_t group, const TileFacts& tile, double threshold) const;
    bool fine_by_itself(const Source& src, const Look& look, const Place& place, double size) const;

    Problem p_;
    WinogradTiling t_;
    DirectTile direct_;
    std::vector<double> needed_;             ///< [group]: sum |w||x| / sum |w| over r
    std::vector<std::vector<float>> heavy_;  ///< heavy_weights
    /// What stands outside the picture is zero.
    bool zeros_outside_;
    /// [group]: for each range of rows and of columns of a window the least part of a map's sum |w|
    /// that lies there.
    std::vector<WindowRanges> inside_;
};

}  // namespace conv
