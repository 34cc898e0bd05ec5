#pragma once

#include <vector>

#include "tensor/image.hpp"
#include "tensor/nodata.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// Which channels of a picture are counted, and how.
struct CountedPart {
    std::int64_t first = 0, count = 1;
    bool opacity = false;  ///< the last of them is opacity, which always counts
    bool weighs = false;   ///< and weighs the others
};

/// What is convolved where samples are missing: with m = 1 for samples that count and 0 for others,
/// m x and m of some rows of a picture, as windows of its height. Rows that are held already stay
/// when others are asked for, so that blocks which follow each other count each row once.
class CountedRows {
public:
    /// From now on rows `rows` of `picture` are held. The picture's form, `channels` and `nodata`
    /// are those of the first call; a row has the same samples in all calls.
    void hold(const Image& picture, RowRange rows, const CountedPart& channels,
              const Nodata& nodata);

    const Image& values() const { return values_; }
    /// Bytes of 0 and 1; where opacity weighs, of the picture's type and opacity as it is.
    const Image& counts() const { return counts_; }
    /// Whether several interleaved channels are missing together in all rows that were asked for:
    /// one channel of counts, common_counts(), then says it all.
    bool alike() const { return alike_; }
    const Image& common_counts() const { return common_counts_; }

    /// Bytes of `rows` rows of `width` pixels.
    static std::int64_t bytes(std::int64_t rows, std::int64_t width, SampleType type,
                              const CountedPart& channels);

private:
    void make_room(const Image& picture, std::int64_t rows, const CountedPart& channels);
    void keep(RowRange rows);
    void count(const Image& picture, std::int64_t row, const CountedPart& channels,
               const Nodata& nodata);
    void note_common(std::int64_t at, bool any);

    Image band_values_, band_counts_, band_common_;  ///< room for rows
    Image values_, counts_, common_counts_;          ///< the same as windows of the picture
    RowRange held_;
    std::vector<bool> rows_alike_;  ///< of the band
    bool alike_ = false;
};

}  // namespace conv
