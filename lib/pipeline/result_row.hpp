#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tensor/convert.hpp"
#include "tensor/image.hpp"

namespace conv {

/// Where the values of a row of results belong: `lanes` neighbouring channels from `channel` on.
struct ResultPlace {
    std::int64_t channel, lanes, row;
};

/// Values on their way into a row of a result.
struct ResultRow {
    float* values;  ///< pixels x place.lanes
    ResultPlace place;
    std::int64_t pixels;

    std::int64_t count() const { return pixels * place.lanes; }
};

/// Stores the values where they belong in the type of `result`, rounded half to even and saturated;
/// returns what that lost.
Lost store_row(const Image& result, const ResultRow& row, std::vector<std::byte>& scratch);

}  // namespace conv
