#pragma once

#include <functional>
#include <vector>

#include "conv/method.hpp"
#include "cpu/separable/layout.hpp"
#include "cpu/separable/terms.hpp"

namespace conv {

/// A column pass and a row pass over kernels that all have factors.
class TwoPasses {
public:
    /// The maps of the weights, each with a term at least.
    TwoPasses(const Problem& problem, std::vector<MapTerms> maps, std::span<const float> bias);

    const Problem& problem() const { return p_; }
    std::int64_t block_rows() const { return tiling_.rows; }
    std::int64_t workspace_bytes() const { return scratch_.bytes(); }

    /// Whether every sum of 8-bit samples and the border's constants is a number.
    bool never_overflows() const;

    /// Takes the row pass that is left of a piece of a map, from that row of the block and that
    /// column on.
    using Store = std::function<void(std::int64_t map, const RowSums&, std::int64_t row,
                                     std::int64_t column)>;

    /// Calls store for every piece of every map.
    void run(const Source& src, RowRange rows, float* workspace, const Store& store) const;

private:
    bool in_place(const Source& src, RowRange rows) const;
    SeparableLines source_lines(const SeparableWork& work, std::int64_t group,
                                const Tile& tile) const;
    SeparableLines padded_lines(const SeparableWork& work, std::int64_t group,
                                const Tile& tile) const;
    void sum_map(std::int64_t k, const Tile& tile, const SeparableLines& lines,
                 const SeparableWork& work, const Store& store) const;
    void prefetch_below(const Tile& tile, const SeparablePiece& piece,
                        const SeparableLines& lines) const;
    bool fits_bytes(std::size_t k) const;
    RowSums sums_of(std::int64_t k, const SeparablePiece& piece, const float* middle) const;

    Problem p_;
    Tiling tiling_;
    TileLayout layout_;
    std::vector<MapTerms> maps_;
    SeparableMiddle middle_;
    SeparableScratch scratch_;
    std::vector<std::int64_t> taps_;
    std::vector<float> bias_;
    std::vector<bool> fits_bytes_;  ///< of each map, where the samples have 8 bits
};

}  // namespace conv
