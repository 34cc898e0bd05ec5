#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "tensor/image.hpp"
#include "tensor/nodata.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// Which rows of a picture hold samples that do not count. Each row is looked through once, when it
/// is first asked for. Thread-safe.
class MissingRows {
public:
    /// Looks at the first `channels` channels. Where the picture is a window (window_of), `held`
    /// says which rows there is memory for.
    MissingRows(const Image& picture, std::int64_t channels, const Nodata& nodata, RowRange held);

    bool any(RowRange rows) const;

private:
    enum class State : std::uint8_t { unknown, counts, missing };
    bool in_row(std::int64_t row) const;
    bool look(std::int64_t row) const;

    const Image& picture_;
    std::int64_t channels_;
    Nodata nodata_;
    std::int64_t first_;
    mutable std::vector<std::atomic<State>> states_;
};

/// What is convolved where samples are missing: with m = 1 for samples that count and 0 for others,
/// `values` holds m x and `weights` m, both with the rows asked for only.
struct CountedSamples {
    Image values;   ///< of the picture's type
    Image weights;  ///< bytes; where opacity weighs too, of the picture's type, opacity as it is
};

/// How the channels of a picture are counted.
struct CountedChannels {
    std::int64_t inputs = 1;  ///< the first ones are taken
    bool opacity = false;     ///< the last of them is opacity, which always counts
    bool weighs = false;      ///< and weighs the others
};

CountedSamples count_samples(const Image& picture, RowRange rows, const CountedChannels& channels,
                             const Nodata& nodata);

}  // namespace conv
