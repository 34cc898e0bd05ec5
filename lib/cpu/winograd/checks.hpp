#pragma once

#include <optional>
#include <vector>

#include "conv/method.hpp"
#include "cpu/tile/direct_tile.hpp"
#include "cpu/winograd/pixel_facts.hpp"
#include "cpu/winograd/tiling.hpp"

namespace conv {

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
/// meet the largest weights, and those samples are counted. One threshold serves a whole block,
/// taken from its first channels; a tile that fails with it is looked at again with its own.
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
    /// Once the results of a group stand: puts right what is doubtful.
    void mend(const Source& src, std::int64_t group, Look& look, TensorView<float> dst) const;

private:
    struct TileFacts {
        double size;   ///< what r stands for
        double small;  ///< samples below the threshold in the window that has most
    };
    TileFacts facts_of(const PixelFacts& facts, std::int64_t first, std::int64_t width) const;
    bool fine(std::int64_t group, const TileFacts& tile, double threshold) const;
    bool fine_by_itself(const Source& src, std::int64_t group, const Look& look, std::int64_t ty,
                        std::int64_t tx, double size) const;

    Problem p_;
    WinogradTiling t_;
    DirectTile direct_;
    std::vector<double> needed_;             ///< [group]: sum |w||x| / sum |w| over r
    std::vector<std::vector<float>> heavy_;  ///< heavy_weights
};

}  // namespace conv
