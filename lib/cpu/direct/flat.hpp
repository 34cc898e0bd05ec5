#pragma once

#include <cstdint>
#include <vector>

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// Maps of one group that are computed together.
struct MapsTogether {
    std::int64_t first, count;
    std::vector<float> weights;
};

/// The form of `direct` for banks on pictures with short rows: a few maps at once over all rows of
/// a tile as one long row (cpu/flat_tiling.hpp), so that no vector is filled in part but the last.
/// Sums run over channels, then rows, then columns of a window, as in the other form.
Offer flat_direct_offer(const Problem& problem, const Weights& weights,
                        const MachineProfile& profile);

/// Maps of one group that are computed together from map k of the group on: as equal shares as can
/// be.
std::int64_t direct_maps_together(const Problem& p, std::int64_t k);

}  // namespace conv
