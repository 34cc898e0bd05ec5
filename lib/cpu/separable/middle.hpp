#pragma once

#include "cpu/separable/layout.hpp"
#include "cpu/separable/terms.hpp"

namespace conv {

/// The column pass over one piece, for one term after the other.
class MiddlePass {
public:
    /// All of these are kept by reference.
    MiddlePass(const Problem& problem, const Tiling& tiling, const SeparableMiddle& middle,
               const SeparableLines& lines, const SeparableWork& work);

    /// Term i of map k. Columns outside the lines are what the border rule makes them.
    void fill(const MapTerms& map, std::int64_t k, std::int64_t i,
              const SeparablePiece& piece) const;

private:
    /// One term over a piece.
    struct Term {
        const float* weights;
        std::int64_t k, c;  ///< map, and channel of its group
        const SeparablePiece& piece;
    };
    struct Columns {
        std::int64_t first, end;
    };

    void sum_columns(const Term& term, std::int64_t first, std::int64_t columns,
                     float* middle) const;
    void fill_border(const Term& term, Columns done, float* middle) const;
    void copy_column(const Term& term, const float* from, float* to) const;
    void constant_column(const Term& term, float* middle) const;

    const Problem& p_;
    const Tiling& tiling_;
    const SeparableMiddle& middle_;
    const SeparableLines& lines_;
    const SeparableWork& work_;
};

}  // namespace conv
