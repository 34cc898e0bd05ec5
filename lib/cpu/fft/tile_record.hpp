#pragma once

#include <array>

#include "base/aligned_buffer.hpp"
#include "base/size.hpp"
#include "cpu/fft/tile_checks.hpp"

namespace conv {

// Columns that are summed directly at once: whole blocks of vectors, few beside what they read.
inline constexpr std::int64_t kDirectColumns = 64;
// Rows that share input in registers.
inline constexpr std::int64_t kDirectRows = 8;

enum Verdict : std::uint8_t { kFine, kZeros, kDoubtful };

/// What is known about a lane.
struct TileChecks::Record {
    Lane lane;
    LocalSums::Lane sums;
    ResultBounds::Lane results;
    /// Of a complex tile, with its first lane: sums of |x|^2 and |y|^2 over its points, of what is
    /// transformed and of the results.
    double squares = 0, result_squares = 0;
    double ghosts = 0;  ///< of twiddle factors, a part of `needed`
    double rough = 0;   ///< `needed` before the results were known, and theirs of |x| under |w|
    double needed = 0;  ///< sum |w||x| / sum |w| that an output must have for 1, without kAllowed
    std::uint8_t* verdicts = nullptr;  ///< of its blocks
};

struct TileChecks::Memory {
    float *tiles, *row, *samples, *lanes, *results, *direct;
    Record* records;
    std::uint8_t* verdicts;

    using Sizes = std::array<std::int64_t, 8>;

    /// In floats, whole cache lines.
    static Sizes sizes(const Problem& p, const FftTiling& t) {
        constexpr std::int64_t kLine = kBufferAlignment / kFloatBytes;
        const std::int64_t lanes = t.together * p.N;
        Sizes floats = {PreciseTile::affordable(p, t) ? PreciseTile::workspace_floats(p, t) : 0,
                        t.width * p.N,
                        t.width * p.N,
                        lanes * LocalSums::lane_floats(p, t),
                        lanes * ResultBounds::lane_floats(t),
                        DirectTile::workspace_floats(p, kDirectRows, kDirectColumns),
                        lanes * ceil_div(std::int64_t{sizeof(Record)}, kFloatBytes),
                        ceil_div(lanes * LocalSums::most_blocks(t), kFloatBytes)};
        for (std::int64_t& size : floats) size = round_up(size, kLine);
        return floats;
    }
};

/// Calls body(n, samples of picture n) for the rows of channel c of the group that unit i reads.
template <typename Body>
void TileChecks::for_each_row(const State& state, std::int64_t i, std::int64_t c,
                              const Body& body) const {
    const Memory m = memory_of(state.memory);
    const UnitChannel channel = rows_.channel(state.pair, i, c);
    for (std::int64_t h = 0; h < rows_.rows(channel.unit); ++h) {
        rows_.prefetch(channel, h + TileFft::kBatch);
        rows_.load(channel, h, m.row, m.samples);
        for (std::int64_t n = 0; n < p_.N; ++n) body(n, m.samples + n * t_.width);
    }
}

}  // namespace conv
