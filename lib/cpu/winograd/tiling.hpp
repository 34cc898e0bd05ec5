#pragma once

#include <algorithm>

#include "base/size.hpp"
#include "conv/machine_profile.hpp"
#include "conv/problem.hpp"
#include "cpu/winograd/product.hpp"
#include "cpu/winograd/transform.hpp"

namespace conv {

/// The sizes of the tiling for F(m x m, 3 x 3): what is decided once for a problem.
struct WinogradTiling {
    std::int64_t m, t;
    std::int64_t channels, maps;           ///< of one group; maps rounded up to kLanes
    std::int64_t tile_rows, tile_columns;  ///< of a full block
    std::int64_t width;                    ///< padded columns of a full block
    WinogradSteps input, output;           ///< of the transformed input, and of one panel's output

    WinogradTiling(const Problem& p, std::int64_t tile);

    std::int64_t points() const { return t * t; }
    std::int64_t tiles() const { return tile_rows * tile_columns; }
    /// Maps of the panel that begins with map k of a group.
    std::int64_t panel_maps(std::int64_t k) const { return std::min(kWinogradPanel, maps - k); }
    /// Panels of a group.
    std::int64_t panels() const { return ceil_div(maps, kWinogradPanel); }
    std::int64_t group_weights() const { return points() * channels * maps; }
};

/// The m, 2 or 4, that is predicted to be faster; the same on every processor.
std::int64_t choose_winograd_tile(const Problem& p);

/// Predicted seconds with tiles of size m.
double winograd_seconds(const Problem& p, std::int64_t m, const MachineProfile& profile);

}  // namespace conv
