#include "cpu/fft/units.hpp"

#include <algorithm>

#include "tensor/border.hpp"
#include "tensor/interleave.hpp"

namespace conv {

Unit UnitRows::unit(RowRange block, std::int64_t u) const {
    Unit unit;
    unit.column = u % t_.column_parts * t_.columns;
    unit.columns = std::min(t_.columns, p_.Q() - unit.column);
    unit.row = u / t_.column_parts * t_.rows;
    unit.rows = std::clamp<std::int64_t>(block.count - unit.row, 0, t_.rows);
    return unit;
}

std::int64_t UnitRows::rows(const Unit& u) const {
    return u.rows == 0 ? 0 : (u.rows - 1) * p_.stride_h + window_rows(p_);
}

std::int64_t UnitRows::columns(const Unit& u) const {
    return u.rows == 0 ? 0 : (u.columns - 1) * p_.stride_w + window_columns(p_);
}

void UnitRows::load(const UnitChannel& from, std::int64_t h, float* row, float* to) const {
    const auto& [src, channel, block, u] = from;
    const std::int64_t count = h < rows(u) ? columns(u) : 0;
    if (count > 0) {
        float* padded = p_.N == 1 ? to : row;
        pad_row(src, p_.border, channel, (block.first + u.row) * p_.stride_h - p_.padding.top + h,
                u.column * p_.stride_w - p_.padding.left, count, padded);
        if (p_.N > 1) deinterleave(row, p_.N, count, to, t_.width);
    }
    for (std::int64_t n = 0; n < p_.N; ++n, to += t_.width) {
        std::fill(to + count, to + t_.width, 0.0F);
    }
}

void UnitRows::prefetch(const UnitChannel& from, std::int64_t h) const {
    const auto& [src, channel, block, u] = from;
    const std::int64_t row = (block.first + u.row) * p_.stride_h - p_.padding.top + h;
    const std::int64_t column = u.column * p_.stride_w - p_.padding.left;
    if (h >= rows(u) || row < 0 || row >= p_.H) return;
    const std::int64_t first = std::clamp<std::int64_t>(column, 0, p_.W);
    const std::int64_t end = std::clamp<std::int64_t>(column + columns(u), 0, p_.W);
    src.prefetch_row(channel, row, first, end - first);
}

}  // namespace conv
