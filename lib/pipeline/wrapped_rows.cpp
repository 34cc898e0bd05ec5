#include "pipeline/wrapped_rows.hpp"

#include <algorithm>

#include "tensor/window.hpp"

namespace conv {

WrappedRows::WrappedRows(RowReader& rows, std::int64_t above, std::int64_t below)
    : rows_(rows), above_(above), info_(rows.info()) {
    info_.shape.H += above + below;
}

void WrappedRows::read(RowRange rows, const Image& band) {
    const std::int64_t H = rows_.info().shape.H;
    for (std::int64_t done = 0; done < rows.count;) {
        const std::int64_t outside = (rows.first + done - above_) % H;
        const std::int64_t first = outside < 0 ? outside + H : outside;
        const std::int64_t count = std::min(rows.count - done, H - first);
        rows_.read({first, count}, rows_of(band, done, count));
        done += count;
    }
}

}  // namespace conv
