#pragma once

#include <cstdint>
#include <limits>

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"
#include "cpu/fft/tile_fft.hpp"

namespace conv {

/// Weights' spectra are kept in memory; more than this is refused.
inline constexpr double kMostSpectraBytes = 256 << 20;

/// The longest tile side.
inline constexpr std::int64_t kLongestTile = 8192;

/// How the fft method cuts a problem into tiles: what is decided once for a problem. Sizes are in
/// floats unless said otherwise.
struct FftTiling {
    std::int64_t height = 0, width = 0;            ///< points of a tile
    std::int64_t rows = 0, columns = 0;            ///< outputs of a tile
    std::int64_t row_parts = 0, column_parts = 0;  ///< tiles of a block of output rows
    std::int64_t together = 0;  ///< of these, 2 where the pictures alone do not pair up
    std::int64_t tiles = 0;     ///< complex tiles that these make of all pictures
    /// Maps are finished one after the other, from the transforms of all channels, where those fit
    /// a cache; else all maps together, some columns after the other.
    bool map_by_map = false;
    std::int64_t sheets = 0;  ///< tiles in work: one for each channel, later for each map, or one
    std::int64_t transforms = 0;  ///< of channels that are kept, in blocks
    /// Parts of the work in seconds of the machine that the tables were measured on: transforms,
    /// products of spectra, samples on their way. Infinite where no tile can serve the problem.
    double transforms_cost = std::numeric_limits<double>::infinity(), products_cost = 0,
           samples_cost = 0;
    /// Looks at samples (TileChecks), where there are any. Tilings are chosen without it.
    double looks_cost = 0;

    double cost() const { return transforms_cost + products_cost + samples_cost; }
    /// Predicted on the machine of a profile.
    double seconds(const MachineProfile& profile) const;

    std::int64_t units() const { return row_parts * column_parts; }
    std::int64_t points() const { return height * width; }           ///< complex
    std::int64_t row() const { return TileFft::row_floats(width); }  ///< of a tile
    std::int64_t batch() const { return TileFft::kBatch * row(); }   ///< rows at a time
    std::int64_t tile() const { return height * row(); }
    std::int64_t sheet() const { return tiles * tile(); }
    std::int64_t block() const { return TileFft::block_floats(height); }
    std::int64_t spectrum() const { return 2 * points(); }
    double spectra_bytes(const Problem& p) const;
    std::int64_t workspace_floats(const Problem& p) const;
};

/// What a dilated kernel spans.
std::int64_t window_rows(const Problem& p);
std::int64_t window_columns(const Problem& p);

/// Whether samples have to be looked at, in all likelihood.
bool looked_at(const Problem& p);

/// The problem that is transformed: with one more map a group, for |w|, where a kernel's negative
/// weights keep its results from telling what their windows hold (ResultBounds).
Problem transformed(const Problem& p, const Weights& weights);

/// The tiling that is predicted to take the least time, the same on every machine.
FftTiling choose_fft_tiling(const Problem& p, const Weights& weights);

}  // namespace conv
