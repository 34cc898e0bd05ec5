#include "cpu/igemm/layout.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "base/size.hpp"
#include "cpu/tile/cache.hpp"

namespace conv {
namespace {

// A line of cells of a tile: a strip's lines stay in a 32 KiB first-level cache for small windows.
constexpr std::int64_t kTileColumns = 2048;
// Cells of a tile: of four bytes as floats are, an eighth of the cache.
constexpr std::int64_t kTileCells = kL2Floats / 8;
constexpr std::int64_t kLeastRows = 32;
// Packing a cell costs as much as this many multiply-adds.
constexpr double kPacking = 12;

std::int64_t row_step_of(const Problem& p) {
    return p.stride_h / std::gcd(p.stride_h, p.dilation_h);
}

std::int64_t height_of(const CellKernel& kernel, CellForm form) {
    return form == CellForm::column ? kernel.samples : 1;
}

/// Cells that a row of the window reads.
std::int64_t taps_of(const Problem& p, const CellKernel& kernel, CellForm form) {
    return form == CellForm::column ? p.S : ceil_div(p.S, kernel.samples);
}

/// Lines of cells of one channel, by their number; rows of the strip that read each.
std::vector<CellLine> strip_lines_of(const Problem& p, const CellKernel& kernel, CellForm form) {
    const std::int64_t height = height_of(kernel, form);
    const std::int64_t row_step = row_step_of(p);
    const std::int64_t rows = (kernel.rows - 1) * row_step + p.R;
    std::vector<CellLine> lines;
    for (std::int64_t row = 0; row < rows; row += height) {
        CellLine line{row, kernel.rows, -1};
        for (std::int64_t t = 0; t < kernel.rows; ++t) {
            const std::int64_t begin = t * row_step, end = begin + p.R;
            if (begin >= row + height || end <= row) continue;
            line.first = std::min(line.first, t);
            line.last = t;
        }
        lines.push_back(line);
    }
    return lines;
}

std::int64_t line_rows_of(const Problem& p, const CellKernel& kernel, CellForm form) {
    return std::gcd(kernel.rows * row_step_of(p), height_of(kernel, form));
}

double cell_work(const Problem& p, const CellKernel& kernel, CellForm form) {
    double adds = 0;
    for (const CellLine& line : strip_lines_of(p, kernel, form)) {
        const std::int64_t rows = line.last - line.first + 1;
        if (rows > 0) adds += std::max(static_cast<double>(rows * kernel.digits), kernel.least);
    }
    adds *= static_cast<double>(taps_of(p, kernel, form)) / static_cast<double>(kernel.rows);
    const double packing = kPacking * static_cast<double>(row_step_of(p)) /
                           static_cast<double>(line_rows_of(p, kernel, form) * p.group_kernels());
    return static_cast<double>(p.group_channels()) * (adds + packing);
}

/// Digit d of a weight.
std::int32_t digit(std::int32_t weight, std::int64_t d, const CellKernel& kernel) {
    if (kernel.digits == 1) return weight;
    const std::int32_t high = (weight + 128) >> 8;
    return d == 0 ? weight - 256 * high : high;
}

}  // namespace

CellChoice choose_cells(const Problem& p, const WholeWeights& weights) {
    const bool fits = weights.largest_sum <= std::numeric_limits<std::int32_t>::max();
    const bool words = p.facts.samples == SampleType::u16;
    std::optional<CellChoice> best;
    for (const CellKernel& kernel : cell_kernels()) {
        const bool one = words || (kernel.digit_bits == 8 ? weights.eight_bits : fits);
        if (kernel.type != p.facts.samples || kernel.digits != (one ? 1 : 2)) continue;
        for (const CellForm form : {CellForm::column, CellForm::row}) {
            if (form == CellForm::row && p.stride_w > 1) continue;
            const double work = cell_work(p, kernel, form);
            if (!best || work < best->work) best = {kernel, form, work};
        }
    }
    return *best;
}

CellLayout::CellLayout(const Problem& p, const CellChoice& choice)
    : kernel(choice.kernel),
      form(choice.form),
      work(choice.work),
      height(height_of(kernel, form)),
      chain_step(p.dilation_h / std::gcd(p.stride_h, p.dilation_h)),
      row_step(row_step_of(p)),
      line_rows(line_rows_of(p, kernel, form)) {
    const std::int64_t line = std::min(p.padded_width() * p.N, kTileColumns) * p.group_channels();
    const std::int64_t fitting = kTileCells / line * line_rows / row_step * chain_step;
    const std::int64_t least = std::max(kLeastRows, 2 * (p.R - 1) * p.dilation_h / p.stride_h);
    const std::int64_t share = ceil_div(p.P(), kWantedTiles);
    rows = round_up(std::max(least, std::min(fitting, share)), kernel.rows * chain_step);
    rows = std::min(rows, p.P());
    const std::int64_t narrowest = 2 * (p.S - 1) * p.dilation_w / p.stride_w + 1;
    columns = std::min(std::max(kTileColumns / p.N, narrowest), p.Q());

    neighbour = form == CellForm::row ? p.dilation_w * p.N : 0;
    const std::vector<CellLine> of_channel = strip_lines_of(p, kernel, form);
    strip_lines = static_cast<std::int64_t>(of_channel.size());
    const std::int64_t strips = ceil_div(chain_rows(rows), kernel.rows);
    channel_lines =
        ((strips - 1) * kernel.rows * row_step + (strip_lines - 1) * height) / line_rows + 1;
    line_cells = round_up(ceil_div(columns_touched(p, columns), p.stride_w) * p.N +
                              (kernel.samples - 1) * neighbour,
                          kCellsBeyond) +
                 kCellsBeyond;
    for (std::int64_t c = 0; c < p.group_channels(); ++c) {
        for (CellLine line_of_channel : of_channel) {
            line_of_channel.offset =
                (c * p.stride_w * channel_lines + line_of_channel.offset / line_rows) * line_cells;
            lines.push_back(line_of_channel);
        }
    }
    const std::int64_t together = form == CellForm::row ? kernel.samples : 1;
    for (std::int64_t s = 0; s < p.S; s += together) {
        const std::int64_t w = s * p.dilation_w;
        taps.push_back(w % p.stride_w * channel_lines * line_cells + w / p.stride_w * p.N);
    }
}

std::int64_t CellLayout::chain_rows(std::int64_t count) const {
    return ceil_div(count, chain_step);
}

std::vector<std::uint32_t> cell_weights(const Problem& p, const CellLayout& layout,
                                        std::span<const std::int32_t> values) {
    const CellKernel& kernel = layout.kernel;
    const std::int64_t sample_bits = 32 / kernel.samples;
    const std::uint32_t mask = (std::uint32_t{1} << sample_bits) - 1;
    std::vector<std::uint32_t> cells;
    // Row h of a strip's lines is row h - t * row_step of the window of output row t.
    const bool down = layout.form == CellForm::column;
    const auto cell = [&](const std::int32_t* plane, std::int64_t first, std::int64_t tap,
                          std::int64_t d) {
        std::uint32_t bits = 0;
        for (std::int64_t i = 0; i < kernel.samples; ++i) {
            const std::int64_t r = down ? first + i : first;
            const std::int64_t s = down ? tap : tap * kernel.samples + i;
            if (r < 0 || r >= p.R || s >= p.S) continue;
            const auto value = static_cast<std::uint32_t>(digit(plane[r * p.S + s], d, kernel));
            bits |= (value & mask) << (i * sample_bits);
        }
        return bits;
    };
    const auto taps = static_cast<std::int64_t>(layout.taps.size());
    for (std::int64_t plane = 0; plane < p.K * p.group_channels(); ++plane) {
        const std::int32_t* from = values.data() + plane * p.R * p.S;
        for (std::int64_t g = 0; g < layout.strip_lines; ++g) {
            for (std::int64_t i = 0; i < taps * kernel.digits * kernel.rows; ++i) {
                const std::int64_t t = i % kernel.rows, d = i / kernel.rows % kernel.digits;
                const std::int64_t tap = i / kernel.rows / kernel.digits;
                cells.push_back(cell(from, g * layout.height - t * layout.row_step, tap, d));
            }
        }
    }
    return cells;
}

}  // namespace conv
