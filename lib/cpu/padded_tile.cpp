#include "cpu/padded_tile.hpp"

#include <algorithm>

#include "base/aligned_buffer.hpp"
#include "base/size.hpp"
#include "tensor/interleave.hpp"

namespace conv {
namespace {

constexpr std::int64_t kFloat = sizeof(float);
// Lines start on a cache line.
constexpr std::int64_t kLineFloats = kBufferAlignment / kFloat;

/// Column w of `row`, N samples, becomes column w / stride_w of phase w % stride_w.
void split_phases(const Problem& p, const float* row, std::int64_t width, float* to,
                  std::int64_t phase_step) {
    const std::int64_t whole = p.N == 1 ? width / p.stride_w : 0;
    deinterleave(row, p.stride_w, whole, to, phase_step);
    for (std::int64_t w = whole * p.stride_w; w < width; ++w) {
        float* out = to + w % p.stride_w * phase_step + w / p.stride_w * p.N;
        std::copy_n(row + w * p.N, p.N, out);
    }
}

}  // namespace

TileLayout::TileLayout(const Problem& p, std::int64_t phases, std::int64_t rows,
                       std::int64_t columns)
    : channels(p.group_channels()),
      row_phases(phases),
      lines_per_phase(ceil_div(p.padded_rows(rows), phases)),
      line_floats(round_up(ceil_div(columns_touched(p, columns), p.stride_w) * p.N, kLineFloats)) {
    // Lines a multiple of 4 KiB apart would compete for the same sets of the first-level cache.
    if (line_floats * kFloat % 4096 == 0) line_floats += kLineFloats;
}

std::int64_t columns_touched(const Problem& p, std::int64_t count) {
    return (count - 1) * p.stride_w + (p.S - 1) * p.dilation_w + 1;
}

std::int64_t tile_row_floats(const Problem& p, std::int64_t columns) {
    return round_up(columns_touched(p, columns) * p.N, kLineFloats);
}

void fill_tile(const Problem& p, const TileLayout& layout, const Source& src, std::int64_t group,
               const Tile& tile, float* lines, float* row) {
    const std::int64_t first_h = tile.first_row * p.stride_h - p.padding.top;
    const std::int64_t first_w = tile.first_column * p.stride_w - p.padding.left;
    const std::int64_t width = columns_touched(p, tile.columns);
    for (std::int64_t h = 0; h < p.padded_rows(tile.rows); ++h) {
        for (std::int64_t c = 0; c < layout.channels; ++c) {
            float* to = lines + layout.offset(h, c);
            float* padded = p.stride_w == 1 ? to : row;
            pad_row(src, p.border, group * layout.channels + c, first_h + h, first_w, width,
                    padded);
            if (p.stride_w > 1) split_phases(p, row, width, to, layout.column_phase_floats());
        }
    }
}

}  // namespace conv
