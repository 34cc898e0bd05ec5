#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "conv/method.hpp"
#include "cpu/fft/tiling.hpp"

namespace conv {

/// What the samples of one picture under a tile are like, NaN and infinities left out.
struct LaneFacts {
    double squares = 0;  ///< sum of x*x, in the channel where it is largest
    double most = 0;     ///< largest |x|
    double least = std::numeric_limits<double>::infinity();  ///< smallest |x|
    bool finite = true;

    bool zero() const { return finite && most == 0; }
};

/// Lower bounds of sum |w||x| / sum |w| over the windows of a tile's outputs, block by block of
/// g x g of them, from cells of g x g samples; what they cost is a small part of a transform.
///
/// For smooth kernels: of any cell, every output of a block meets all samples with weights of at
/// least the smallest of the (2g-1)^2 that can lie there,
///   sum |w||x| >= sum over cells of (smallest |w|) * (sum of |x| in the cell)
/// and for others by rank: where at most j_l samples under the block's windows are below l * step,
/// these can at worst meet the j_l largest weights, and the part of |x| between two levels counts
/// for all others,
///   sum |w||x| >= sum over levels l of step * (sum |w| - sum of the j_l largest |w|).
/// Both hold for any samples and any weights. Several maps share the bounds, the least over maps.
class LocalSums {
public:
    LocalSums(const Problem& problem, const Weights& weights, const FftTiling& tiling);

    /// Side of a cell and of a block.
    std::int64_t side() const { return side_; }
    std::int64_t block_columns() const { return cell_columns_; }
    std::int64_t blocks() const { return cell_rows_ * cell_columns_; }
    /// The most blocks, and the largest side, that any kernel takes.
    static std::int64_t most_blocks(const FftTiling& tiling);
    static constexpr std::int64_t kMostSide = 8;
    /// Samples of the cells that a block's windows touch, where bounds are by rank.
    static double touched_samples(const Problem& problem);
    /// The largest |w| of a map over its sum |w|, over the channels; of all maps the largest.
    double peak() const { return peak_; }

    /// What a block's windows hold.
    enum class Content : std::uint8_t { zeros, numbers, others };

    /// The memory of one lane: one picture under one tile.
    struct Lane {
        float *columns, *cells, *contents, *bounds, *counts;
        LaneFacts facts{};
        double channel_squares = 0;
        std::int64_t height = 0;  ///< rows seen of the channel
    };
    static std::int64_t lane_floats(const Problem& problem, const FftTiling& tiling);
    Lane lane(float* memory) const;

    /// First look: all rows of a channel in order, channel after channel.
    void begin(Lane& lane) const;
    void add_row(Lane& lane, std::int64_t c, const float* row, std::int64_t count) const;
    void finish_channel(Lane& lane, std::int64_t c) const;

    /// Whether the bounds want a second look, at how many samples are below each level.
    bool ranks() const { return !smooth_; }
    void begin_ranks(Lane& lane) const;
    void add_row_ranks(Lane& lane, const float* row, std::int64_t count, double step) const;
    void finish_channel_ranks(Lane& lane) const;

    /// Fills lane.bounds for a group, after the looks that it takes.
    void find_bounds(Lane& lane, std::int64_t group, double step) const;
    /// What the windows of the blocks of row `by` hold: block_columns() of them.
    const Content* contents(Lane& lane, std::int64_t by) const;
    /// How many samples other than zero the windows of block (by, bx) may meet.
    double samples_met(const Lane& lane, std::int64_t by, std::int64_t bx) const;

private:
    struct Cells {
        std::int64_t first, end;
    };
    void reduce(Lane& lane, std::int64_t c) const;
    void reduce_ranks(Lane& lane) const;
    void smooth_bounds(Lane& lane, std::int64_t group) const;
    void rank_bounds(Lane& lane, std::int64_t group, double step) const;
    void set_reach(const Problem& p, std::int64_t side);

    std::int64_t channels_, width_, height_;
    std::int64_t side_ = 1, cell_rows_ = 0, cell_columns_ = 0;
    std::int64_t reach_rows_ = 0, reach_columns_ = 0;  ///< cells that a block's windows touch
    bool smooth_ = false;
    double peak_ = 0;
    std::vector<float> smallest_;            ///< [group][c][cell row][cell column], over sum |w|
    std::vector<std::vector<float>> heavy_;  ///< heavy_weights
};

}  // namespace conv
