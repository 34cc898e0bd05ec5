#pragma once

#include <array>

#include "conv/method.hpp"
#include "cpu/fft/tiling.hpp"

namespace conv {

/// One tile of all pictures: the outputs [row, row + rows) x [column, column + columns), rows
/// counted from the first of a block; empty where the block is shorter than usual.
struct Unit {
    std::int64_t row = 0, rows = 0, column = 0, columns = 0;
};

/// What is transformed together: units of a block of output rows, of one group of channels.
struct TilePair {
    const Source& src;
    RowRange block;
    std::int64_t group;
    std::array<Unit, 2> units;

    const Unit& unit(std::int64_t i) const { return units[static_cast<std::size_t>(i)]; }
};

/// One channel of what a unit of a block of output rows reads.
struct UnitChannel {
    const Source& src;
    std::int64_t channel;
    RowRange block;
    const Unit& unit;
};

/// What a unit reads: padded rows and columns, from that of its first output on.
class UnitRows {
public:
    UnitRows(const Problem& problem, const FftTiling& tiling) : p_(problem), t_(tiling) {}

    /// Unit u of a block of output rows.
    Unit unit(RowRange block, std::int64_t u) const;
    std::int64_t rows(const Unit& u) const;
    std::int64_t columns(const Unit& u) const;

    /// Channel c of the group of a pair, for unit i.
    UnitChannel channel(const TilePair& pair, std::int64_t i, std::int64_t c) const {
        return {pair.src, pair.group * p_.group_channels() + c, pair.block, pair.unit(i)};
    }
    /// Row h of a channel, picture by picture, t.width floats each; zero where the unit has ended.
    /// `row` holds t.width floats of all pictures.
    void load(const UnitChannel& from, std::int64_t h, float* row, float* to) const;
    /// Asks for a row that load will want: tiles are too narrow for the processor to see it come.
    void prefetch(const UnitChannel& from, std::int64_t h) const;

private:
    Problem p_;
    FftTiling t_;
};

}  // namespace conv
