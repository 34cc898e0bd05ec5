#pragma once

#include <cstdint>

namespace conv {

/// Complex numbers of columns as of rows: number h of column c is rows[c * step + h] and
/// columns[h * pitch + c], in complex numbers. `count` columns and `height` are multiples of 4. The
/// instruction set is chosen at run time.
struct TurnedColumns {
    std::int64_t count, height, step, pitch;
};

void columns_to_rows(const TurnedColumns& turn, const float* columns, float* rows);
void rows_to_columns(const TurnedColumns& turn, const float* rows, float* columns);

}  // namespace conv
