#include "cpu/tile/padded_tile.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "base/aligned_buffer.hpp"
#include "base/size.hpp"
#include "tensor/interleave.hpp"

namespace conv {
namespace {

constexpr std::int64_t kLineFloats = kBufferAlignment / kFloatBytes;

/// Starts on a cache line. Lines a multiple of 4 KiB apart would compete for the same sets of the
/// first-level cache.
std::int64_t aligned_step(std::int64_t floats) {
    const std::int64_t step = round_up(floats, kLineFloats);
    return step * kFloatBytes % 4096 == 0 ? step + kLineFloats : step;
}

/// Column w of `row`, N samples, becomes column w / stride_w of phase w % stride_w. Phases are
/// filled up with zeros to equal width.
void split_phases(const Problem& p, const float* row, std::int64_t width, float* to,
                  std::int64_t phase_step) {
    const std::int64_t whole = p.N == 1 ? width / p.stride_w : 0;
    deinterleave(row, p.stride_w, whole, to, phase_step);
    for (std::int64_t w = whole * p.stride_w; w < width; ++w) {
        float* out = to + w % p.stride_w * phase_step + w / p.stride_w * p.N;
        std::copy_n(row + w * p.N, p.N, out);
    }
    for (std::int64_t w = width; w < round_up(width, p.stride_w); ++w) {
        std::fill_n(to + w % p.stride_w * phase_step + w / p.stride_w * p.N, p.N, 0.0F);
    }
}

}  // namespace

TileLayout::TileLayout(const Problem& p, TileOrder order, std::int64_t phases, std::int64_t rows,
                       std::int64_t columns)
    : channels(p.group_channels()), row_phases(phases) {
    assert(phases > 0 && rows > 0 && columns > 0);
    const std::int64_t lines = ceil_div(p.padded_rows(rows), phases);
    const std::int64_t width = ceil_div(columns_touched(p, columns), p.stride_w) * p.N;
    if (order == TileOrder::lines) {
        channel_step = aligned_step(width);
        line_step = channels * channel_step;
        row_phase_step = lines * line_step;
        column_phase_step = phases * row_phase_step;
        floats = p.stride_w * column_phase_step;
    } else {
        line_step = width;
        channel_step = aligned_step(lines * line_step);
        column_phase_step = channels * channel_step;
        row_phase_step = p.stride_w * column_phase_step;
        floats = phases * row_phase_step;
    }
}

std::int64_t columns_touched(const Problem& p, std::int64_t count) {
    return (count - 1) * p.stride_w + (p.S - 1) * p.dilation_w + 1;
}

std::int64_t tile_row_floats(const Problem& p, std::int64_t columns) {
    return round_up(columns_touched(p, columns) * p.N, kLineFloats);
}

void fill_tile(const Problem& p, const TileLayout& layout, const Source& src, std::int64_t group,
               const Tile& tile, float* lines, float* row) {
    assert(tile.rows > 0 && tile.columns > 0 && tile.first_row >= 0 && tile.first_column >= 0);
    assert(tile.first_row + tile.rows <= p.P() && tile.first_column + tile.columns <= p.Q());
    const std::int64_t first_h = tile.first_row * p.stride_h - p.padding.top;
    const std::int64_t first_w = tile.first_column * p.stride_w - p.padding.left;
    const std::int64_t width = columns_touched(p, tile.columns);
    const std::int64_t rows = p.padded_rows(tile.rows);
    for (std::int64_t h = 0; h < rows; ++h) {
        for (std::int64_t c = 0; c < layout.channels; ++c) {
            float* to = lines + layout.offset(h, c);
            float* padded = p.stride_w == 1 ? to : row;
            pad_row(src, p.border, group * layout.channels + c, first_h + h, first_w, width,
                    padded);
            if (p.stride_w > 1) split_phases(p, row, width, to, layout.column_phase_step);
        }
    }
    const std::int64_t line = ceil_div(width, p.stride_w) * p.N;
    for (std::int64_t h = rows; h < round_up(rows, layout.row_phases); ++h) {
        for (std::int64_t i = 0; i < layout.channels * p.stride_w; ++i) {
            std::fill_n(lines + layout.offset(h, i / p.stride_w) +
                            i % p.stride_w * layout.column_phase_step,
                        line, 0.0F);
        }
    }
}

bool tile_is_finite(const Problem& p, const TileLayout& layout, const Tile& tile,
                    const float* lines) {
    constexpr std::uint32_t kExponent = 0x7f800000;
    const std::int64_t width = columns_touched(p, tile.columns);
    for (std::int64_t h = 0; h < p.padded_rows(tile.rows); ++h) {
        for (std::int64_t i = 0; i < layout.channels * p.stride_w; ++i) {
            const std::int64_t phase = i % p.stride_w;
            const float* line =
                lines + layout.offset(h, i / p.stride_w) + phase * layout.column_phase_step;
            // The largest exponent, without branches.
            std::uint32_t most = 0;
            for (std::int64_t w = 0; w < ceil_div(width - phase, p.stride_w) * p.N; ++w) {
                most = std::max(most, std::bit_cast<std::uint32_t>(line[w]) & kExponent);
            }
            if (most == kExponent) return false;
        }
    }
    return true;
}

double fill_tile_seconds(const Problem& p, const Tile& tile, const MachineProfile& profile) {
    const std::int64_t samples =
        p.padded_rows(tile.rows) * p.group_channels() * columns_touched(p, tile.columns) * p.N;
    return static_cast<double>(samples) *
           profile[p.stride_w == 1 ? Step::tile_sample : Step::phased_sample];
}

}  // namespace conv
