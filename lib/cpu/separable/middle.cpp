#include "cpu/separable/middle.hpp"

#include <algorithm>

#include "tensor/border.hpp"

namespace conv {

MiddlePass::MiddlePass(const Problem& problem, const Tiling& tiling, const SeparableMiddle& middle,
                       const SeparableLines& lines, const SeparableWork& work)
    : p_(problem), tiling_(tiling), middle_(middle), lines_(lines), work_(work) {}

void MiddlePass::fill(const MapTerms& map, std::int64_t k, std::int64_t i,
                      const SeparablePiece& piece) const {
    const auto at = static_cast<std::size_t>(i);
    const Term term{map.columns[at].data(), k, map.channels[at], piece};
    const std::int64_t end = piece.column + SeparableMiddle::width(p_, piece.count);
    const std::int64_t first = std::max(piece.column, lines_.first);
    const std::int64_t last = std::max(first, std::min(end, lines_.end));
    for (std::int64_t phase = 0; phase < p_.stride_w; ++phase) {
        float* middle = work_.middle + phase * middle_.phase_floats() + i * middle_.term_floats();
        sum_columns(term, lines_.offset(p_, term.c, phase, first), (last - first) * p_.N,
                    middle + (first - piece.column) * p_.N);
        fill_border(term, {first, last}, middle);
    }
}

/// Some columns, from sample `first` of the lines on, chain by chain.
void MiddlePass::sum_columns(const Term& term, std::int64_t first, std::int64_t columns,
                             float* middle) const {
    const SeparablePiece& piece = term.piece;
    const std::int64_t chains = std::min(tiling_.chain_step, piece.rows);
    for (std::int64_t start = 0; start < chains; ++start) {
        column_sums({.type = lines_.type,
                     .lines = lines_.rows + (piece.row + start) * p_.stride_h,
                     .line_step = p_.dilation_h,
                     .row_step = tiling_.row_step,
                     .first = first,
                     .weights = term.weights,
                     .R = p_.R,
                     .out = middle + start * middle_.line_floats,
                     .out_step = tiling_.chain_step * middle_.line_floats,
                     .rows = ceil_div(piece.rows - start, tiling_.chain_step),
                     .columns = columns});
    }
}

/// The columns of a piece beside those that could be read. Only lines in place have any, and those
/// have one phase.
void MiddlePass::fill_border(const Term& term, Columns done, float* middle) const {
    const std::int64_t begin = term.piece.column;
    const std::int64_t end = begin + SeparableMiddle::width(p_, term.piece.count);
    for (const Columns side : {Columns{begin, done.first}, Columns{done.end, end}}) {
        for (std::int64_t column = side.first; column < side.end; ++column) {
            float* to = middle + (column - begin) * p_.N;
            const std::int64_t w = border_index(p_.border.mode, column - p_.padding.left, p_.W);
            const std::int64_t same = w + p_.padding.left;
            if (w < 0) {
                constant_column(term, to);
            } else if (same >= done.first && same < done.end) {
                copy_column(term, middle + (same - begin) * p_.N, to);
            } else {
                sum_columns(term, lines_.offset(p_, term.c, 0, same), p_.N, to);
            }
        }
    }
}

void MiddlePass::copy_column(const Term& term, const float* from, float* to) const {
    for (std::int64_t t = 0; t < term.piece.rows; ++t) {
        std::copy_n(from + t * middle_.line_floats, p_.N, to + t * middle_.line_floats);
    }
}

/// A column of the border's constants.
void MiddlePass::constant_column(const Term& term, float* middle) const {
    const std::int64_t group = term.k / p_.group_kernels();
    for (std::int64_t n = 0; n < p_.N; ++n) {
        work_.constants[n] =
            constant_value(p_.border, work_.src, n, group * p_.group_channels() + term.c);
    }
    const void* line = work_.constants;
    column_sums({.type = SampleType::f32,
                 .lines = &line,
                 .line_step = 0,
                 .row_step = 0,
                 .first = 0,
                 .weights = term.weights,
                 .R = p_.R,
                 .out = middle,
                 .out_step = middle_.line_floats,
                 .rows = term.piece.rows,
                 .columns = p_.N});
}

}  // namespace conv
