#pragma once

#include <array>
#include <optional>
#include <vector>

#include "tensor/image.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// A part of a picture, in pixels.
struct Region {
    std::int64_t x = 0, y = 0, width = 0, height = 0;
    bool operator==(const Region&) const = default;
};

/// Where the results of a filtering count: in a region, and as much as a mask says. Elsewhere the
/// output's samples are the input's.
class Selection {
public:
    /// `mask` is a picture of one channel, 0 where the input stays, white where results count,
    /// between them blended; or a picture without samples.
    Selection(std::optional<Region> region, Image mask);

    /// Whether some results count in part.
    bool blends() const { return static_cast<bool>(mask_.samples); }
    /// The part of the picture outside of which nothing counts; nothing: all of it may.
    const std::optional<Region>& region() const { return region_; }
    /// Throws Error{usage} unless region and mask fit a page of `height` x `width`.
    void require_fits(std::int64_t height, std::int64_t width) const;
    /// Whether anything counts in these rows.
    bool touches(RowRange rows) const;
    /// The columns of a row that lie outside of the region: two runs, which may be empty.
    std::array<RowRange, 2> outside(std::int64_t row, std::int64_t width) const;
    /// How much each of `width` pixels of a row counts, 0 to 1.
    void weights(std::int64_t row, std::int64_t width, std::vector<float>& to) const;

private:
    std::optional<Region> region_;
    Image mask_;
};

}  // namespace conv
