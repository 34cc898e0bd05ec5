#include "pipeline/selection.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "tensor/source.hpp"

namespace conv {

Selection::Selection(std::optional<Region> region, Image mask)
    : region_(region), mask_(std::move(mask)) {}

void Selection::require_fits(std::int64_t height, std::int64_t width) const {
    if (region_) {
        const auto [x, y, w, h] = *region_;
        if (x + w > width || y + h > height) {
            fail(ErrorKind::usage,
                 "--region {},{},{},{} leaves the picture of {} x {}, use X,Y,W,H inside it", x, y,
                 w, h, width, height);
        }
    }
    if (!blends() || (mask_.shape.H == height && mask_.shape.W == width)) return;
    fail(ErrorKind::usage, "--mask is {} x {} and the picture {} x {}, give a mask of that size",
         mask_.shape.W, mask_.shape.H, width, height);
}

bool Selection::touches(RowRange rows) const {
    return !region_ ||
           (rows.first < region_->y + region_->height && rows.first + rows.count > region_->y);
}

std::array<RowRange, 2> Selection::outside(std::int64_t row, std::int64_t width) const {
    if (!region_) return {};
    if (!touches({row, 1})) return {RowRange{0, width}, RowRange{}};
    const std::int64_t end = region_->x + region_->width;
    return {RowRange{0, region_->x}, RowRange{end, width - end}};
}

void Selection::weights(std::int64_t row, std::int64_t width, std::vector<float>& to) const {
    to.assign(static_cast<std::size_t>(width), 0.0F);
    const Region all{0, row, width, 1};
    const Region part = region_.value_or(all);
    if (row < part.y || row >= part.y + part.height) return;
    float* first = to.data() + part.x;
    if (!blends()) {
        std::fill_n(first, part.width, 1.0F);
        return;
    }
    const Source mask(mask_.type, mask_.samples.get(), mask_.shape, mask_.strides);
    mask.read_row(0, row, part.x, part.width, first);
    const auto white = static_cast<float>(sample_maximum(mask_.type));
    // NaN in a mask of floats counts as nothing.
    for (float* m = first; m < first + part.width; ++m)
        *m = *m >= 0 ? std::min(*m / white, 1.0F) : 0.0F;
}

}  // namespace conv
