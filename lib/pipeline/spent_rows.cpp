#include "pipeline/spent_rows.hpp"

#include <algorithm>

#include "base/size.hpp"
#include "tensor/border_rules.hpp"

namespace conv {

SpentRows::SpentRows(const Image& page, const Problem& problem, std::int64_t block_rows)
    : page_(page),
      problem_(problem),
      block_rows_(block_rows),
      finished_(static_cast<std::size_t>(ceil_div(problem.P(), block_rows))) {}

bool SpentRows::possible(const Image& page, const Problem& problem) {
    const bool rows_in_order =
        page.strides.H >= page.shape.W * page.strides.W && page.strides.W > 0;
    return rows_in_order && !border_rule(problem.border.mode).reads_far;
}

void SpentRows::block_finished(std::int64_t first_row) {
    const std::lock_guard lock(mutex_);
    finished_[static_cast<std::size_t>(first_row / block_rows_)] = true;
    while (all_before_ < finished_.size() && finished_[all_before_]) ++all_before_;
    const std::int64_t next_row = static_cast<std::int64_t>(all_before_) * block_rows_;
    // The next block starts this far up; the bottom border reflects up to `bottom` rows back.
    const std::int64_t needed = std::min(next_row * problem_.stride_h - problem_.padding.top,
                                         problem_.H - 1 - problem_.padding.bottom);
    if (needed <= released_) return;
    const std::int64_t row_bytes =
        page_.strides.H * static_cast<std::int64_t>(sample_bytes(page_.type));
    page_.samples.discard(page_.data<const std::byte>() + released_ * row_bytes,
                          (needed - released_) * row_bytes);
    released_ = needed;
}

}  // namespace conv
