#pragma once

#include <functional>

#include "gpu/device_cost.hpp"
#include "gpu/strip_plan.hpp"

namespace conv::gpu {

/// What one of the three methods is on every device.
struct MethodKind {
    const char *name, *summary;
    DeviceWork (*work)(const Problem&);
    /// Bytes beside a strip's input and results, for each of its output rows.
    std::int64_t (*scratch_per_row)(const Problem&);
    /// Output rows that a strip's height is a multiple of.
    std::int64_t (*row_unit)(const Problem&);
};

extern const MethodKind kDirect, kIm2col, kGemm;

/// Makes strips of `rows` output rows, once the kernel is on the device.
using StripMaker = std::function<StripWork(std::int64_t rows)>;

/// A device as the methods see it.
struct DeviceTraits {
    DeviceRates rates;
    std::int64_t strip_bytes;  ///< of strips that keep it busy
};

/// The method of the seam: its reasons to refuse, its cost with start-up and transfers, its bound.
/// `upload` brings the kernel to the device.
Method make_method(const MethodKind& kind, const DeviceTraits& device,
                   const std::function<StripMaker(const Problem&, const Weights&)>& upload);

/// Bytes of the column matrix of one group, for one output row.
std::int64_t column_bytes_per_row(const Problem& p);

/// The bias of every map, zeros where there is none.
std::vector<float> full_bias(const Problem& p, const Weights& weights);

/// How many maps of a group the device kernels of `direct` compute together: 1, 2, 4 or 8.
std::int64_t maps_together(const Problem& p);

/// The weights for device kernels that slide down columns and compute `together` maps at once:
/// [group][block of maps][c][s][r][map of the block], zeros for maps that a group does not have.
std::vector<float> banked_weights(const Problem& p, const Weights& weights, std::int64_t together);

}  // namespace conv::gpu
