#include "cpu/separable/passes.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "conv/run_contract.hpp"
#include "cpu/separable/middle.hpp"
#include "cpu/tile/lanes.hpp"
#include "tensor/border.hpp"

namespace conv {

TwoPasses::TwoPasses(const Problem& problem, std::vector<MapTerms> maps,
                     std::span<const float> bias)
    : p_(problem),
      tiling_(problem),
      layout_(tiling_.layout(problem)),
      maps_(std::move(maps)),
      middle_(problem, tiling_, most_terms_of(maps_)),
      scratch_(problem, tiling_, middle_),
      bias_(bias.begin(), bias.end()) {
    bias_.resize(static_cast<std::size_t>(p_.K));
    for (std::int64_t s = 0; s < p_.S; ++s) {
        const std::int64_t w = s * p_.dilation_w;
        taps_.push_back(w % p_.stride_w * middle_.phase_floats() + w / p_.stride_w * p_.N);
    }
    for (std::size_t k = 0; k < maps_.size(); ++k) fits_bytes_.push_back(fits_bytes(k));
}

bool TwoPasses::never_overflows() const {
    constexpr double kLargest = 1e30;
    double sample = 255;
    for (const float x : p_.border.values) {
        if (std::isnan(x)) return false;
        sample = std::max(sample, std::abs(double{x}));
    }
    for (std::size_t k = 0; k < maps_.size(); ++k) {
        const double bound = maps_[k].magnitude * sample + std::abs(double{bias_[k]});
        if (!(bound < kLargest)) return false;
    }
    return true;
}

/// Whether no sum of 8-bit samples and the border's constants, which are numbers, can leave their
/// range.
bool TwoPasses::fits_bytes(std::size_t k) const {
    const MapTerms& map = maps_[k];
    double least = 0, most = 255;
    for (const float x : p_.border.values) {
        least = std::min(least, double{x});
        most = std::max(most, double{x});
    }
    double low = bias_[k], high = low;
    for (std::size_t i = 0; i < map.columns.size(); ++i) {
        for (const float column : map.columns[i]) {
            for (std::int64_t s = 0; s < p_.S; ++s) {
                const double weight =
                    double{column} *
                    map.rows[i * static_cast<std::size_t>(p_.S) + static_cast<std::size_t>(s)];
                low += std::min(weight * least, weight * most);
                high += std::max(weight * least, weight * most);
            }
        }
    }
    // Half a level is rounded away. Of two chained sums each addition is off by half an ulp, less
    // than 2^-24 of what has been added up so far; the other quarter is for that.
    constexpr double kRoom = 0.25;
    const double additions = static_cast<double>(p_.R + map.terms() * p_.S);
    const double error = additions * (map.magnitude * most + std::abs(low)) / (1 << 24);
    return low > -kRoom && high < 255 + kRoom && error < kRoom;
}

void TwoPasses::run(const Source& src, RowRange rows, float* workspace, const Store& store) const {
    assert(workspace_fits(workspace) && rows.count <= tiling_.rows);
    float* after = workspace + scratch_.middle;
    const SeparableWork work{src, workspace, reinterpret_cast<const void**>(after),
                             after + scratch_.table, after + scratch_.table + scratch_.constants};
    for (std::int64_t g = 0; g < p_.groups; ++g) {
        for (std::int64_t q = 0; q < p_.Q(); q += tiling_.columns) {
            const Tile tile{rows.first, rows.count, q, std::min(tiling_.columns, p_.Q() - q)};
            const SeparableLines lines =
                in_place(src, rows) ? source_lines(work, g, tile) : padded_lines(work, g, tile);
            for (std::int64_t i = 0; i < p_.group_kernels(); ++i) {
                sum_map(g * p_.group_kernels() + i, tile, lines, work, store);
            }
        }
    }
}

/// Whether the samples can be read as they lie. Constant rows around the picture have none.
bool TwoPasses::in_place(const Source& src, RowRange rows) const {
    const std::int64_t first = rows.first * p_.stride_h - p_.padding.top;
    const bool inside = first >= 0 && first + p_.padded_rows(rows.count) <= p_.H;
    return p_.stride_w == 1 && !src.alpha_weighted && (p_.N == 1 || src.strides.N == 1) &&
           src.strides.W == p_.N && (inside || p_.border.mode != BorderMode::constant);
}

SeparableLines TwoPasses::source_lines(const SeparableWork& work, std::int64_t group,
                                       const Tile& tile) const {
    const Source& src = work.src;
    const auto size = static_cast<std::int64_t>(sample_bytes(src.type));
    const auto* channel = static_cast<const std::byte*>(src.data) +
                          group * p_.group_channels() * src.strides.C * size;
    const std::int64_t first = tile.first_row * p_.stride_h - p_.padding.top;
    for (std::int64_t h = 0; h < p_.padded_rows(tile.rows); ++h) {
        const std::int64_t row = border_index(p_.border.mode, first + h, p_.H);
        work.table[h] = channel + row * src.strides.H * size;
    }
    const std::int64_t left = p_.padding.left;
    return {src.type, work.table, src.strides.C, 0, left, left + p_.W, true};
}

SeparableLines TwoPasses::padded_lines(const SeparableWork& work, std::int64_t group,
                                       const Tile& tile) const {
    float* row = work.tile + layout_.floats + kLanes;
    fill_tile(p_, layout_, work.src, group, tile, work.tile, row);
    for (std::int64_t h = 0; h < p_.padded_rows(tile.rows); ++h) {
        work.table[h] = work.tile + layout_.offset(h);
    }
    return {SampleType::f32,      work.table,
            layout_.channel_step, layout_.column_phase_step,
            tile.first_column,    tile.first_column + SeparableMiddle::width(p_, tile.columns)};
}

/// One map of a tile, piece by piece.
void TwoPasses::sum_map(std::int64_t k, const Tile& tile, const SeparableLines& lines,
                        const SeparableWork& work, const Store& store) const {
    const MapTerms& map = maps_[static_cast<std::size_t>(k)];
    const MiddlePass pass(p_, tiling_, middle_, lines, work);
    const std::int64_t end = tile.first_column + tile.columns;
    for (std::int64_t t = 0; t < tile.rows; t += middle_.rows) {
        for (std::int64_t q = tile.first_column; q < end; q += middle_.columns) {
            const SeparablePiece piece{t, std::min(middle_.rows, tile.rows - t), q,
                                       std::min(middle_.columns, end - q)};
            if (lines.far) prefetch_below(tile, piece, lines);
            for (std::int64_t i = 0; i < map.terms(); ++i) {
                pass.fill(map, k, i, piece);
            }
            store(k, sums_of(k, piece, work.middle), piece.row, piece.column);
        }
    }
}

/// Asks for what the piece below reads first: the processor's own guesses come late where so
/// many rows are read at once, each for a short run.
void TwoPasses::prefetch_below(const Tile& tile, const SeparablePiece& piece,
                               const SeparableLines& lines) const {
    constexpr std::int64_t kCacheLine = 64;
    const auto size = static_cast<std::int64_t>(sample_bytes(lines.type));
    const std::int64_t begin = std::max(piece.column - lines.first, std::int64_t{0}) * p_.N;
    const std::int64_t end =
        std::min(piece.column + piece.count - lines.first, lines.end - lines.first) * p_.N;
    const std::int64_t next = p_.padded_rows(piece.row + piece.rows);
    const std::int64_t last = std::min(next + piece.rows * p_.stride_h, p_.padded_rows(tile.rows));
    for (std::int64_t h = next; h < last; ++h) {
        const auto* row = static_cast<const std::byte*>(lines.rows[h]);
        for (std::int64_t at = begin * size; at < end * size; at += kCacheLine) {
            __builtin_prefetch(row + at);
        }
    }
}

/// The row pass of all terms of a map over a piece.
RowSums TwoPasses::sums_of(std::int64_t k, const SeparablePiece& piece, const float* middle) const {
    const MapTerms& map = maps_[static_cast<std::size_t>(k)];
    return {.lines = middle,
            .term_step = middle_.term_floats(),
            .line_step = middle_.line_floats,
            .taps = taps_.data(),
            .even_taps = p_.stride_w == 1,
            .weights = map.rows.data(),
            .terms = map.terms(),
            .S = p_.S,
            .bias = bias_[static_cast<std::size_t>(k)],
            .fits_bytes = fits_bytes_[static_cast<std::size_t>(k)],
            .rows = piece.rows,
            .columns = piece.count * p_.N};
}

}  // namespace conv
