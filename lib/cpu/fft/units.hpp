#pragma once

#include "conv/method.hpp"
#include "cpu/fft/tiling.hpp"

namespace conv {

/// One tile of all pictures: the outputs [row, row + rows) x [column, column + columns), rows
/// counted from the first of a block; empty where the block is shorter than usual.
struct Unit {
    std::int64_t row = 0, rows = 0, column = 0, columns = 0;
};

/// What a unit reads: padded rows and columns, from that of its first output on.
class UnitRows {
public:
    UnitRows(const Problem& problem, const FftTiling& tiling) : p_(problem), t_(tiling) {}

    /// Unit u of a block of output rows.
    Unit unit(RowRange block, std::int64_t u) const;
    std::int64_t rows(const Unit& u) const;
    std::int64_t columns(const Unit& u) const;

    /// Row h of a channel, picture by picture, t.width floats each; zero where the unit has ended.
    /// `row` holds t.width floats of all pictures.
    void load(const Source& src, std::int64_t channel, RowRange block, const Unit& u,
              std::int64_t h, float* row, float* to) const;
    /// Asks for a row that load will want: tiles are too narrow for the processor to see it come.
    void prefetch(const Source& src, std::int64_t channel, RowRange block, const Unit& u,
                  std::int64_t h) const;

private:
    Problem p_;
    FftTiling t_;
};

}  // namespace conv
