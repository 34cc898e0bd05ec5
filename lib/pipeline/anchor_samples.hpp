#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/filtered_page.hpp"

namespace conv {

/// The page's samples under the kernel's anchor, by the border's rule: what a result stands on
/// where a channel is copied or moved by its luma.
class AnchorSamples {
public:
    /// All that `of` refers to must outlive this object.
    explicit AnchorSamples(const FilteredPage& of);

    /// The page's row under output row p; negative: the border's constant.
    std::int64_t page_row(std::int64_t p) const;
    /// In row `h` of the page, as page_row() gives it, under output column q.
    float at(std::int64_t channel, std::int64_t h, std::int64_t q) const;
    /// Whether the anchor of output (p, q) lies in the page.
    bool inside(std::int64_t p, std::int64_t q) const;

private:
    std::int64_t row(std::int64_t p) const;
    std::int64_t column(std::int64_t q) const;

    FilteredPage of_;
    std::vector<std::int64_t> columns_;  ///< of the page, for each q; negative: the constant
};

}  // namespace conv
