#pragma once

#include "conv/method.hpp"

namespace conv {

/// The form of `direct` for banks on pictures with short rows: a few maps at once over all rows of
/// a tile as one long row (cpu/flat_tiling.hpp), so that no vector is filled in part but the last.
/// Sums run over channels, then rows, then columns of a window, as in the other form.
double flat_direct_seconds(const Problem& p);

std::int64_t flat_direct_workspace_bytes(const Problem& p);

Plan prepare_flat_direct(const Problem& problem, const Weights& weights);

/// Maps of one group that are computed together from map k of the group on: as equal shares as can
/// be.
std::int64_t direct_maps_together(const Problem& p, std::int64_t k);

}  // namespace conv
