#include "cpu/separable.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/error.hpp"
#include "base/pages.hpp"
#include "base/size.hpp"
#include "cpu/low_rank.hpp"
#include "cpu/separable_kernels.hpp"
#include "cpu/tiling.hpp"

namespace conv {
namespace {

constexpr std::int64_t kFloat = sizeof(float);
// A strip is as high as what column_sums computes at once, for each of the output rows that share
// no line, and is taken in pieces whose middle, with the lines it is made of, stays in the
// first-level cache: 6 lines of 1152 floats are 27 KiB. That is 2 runs of 3 interleaved channels.
constexpr std::int64_t kPieceFloats = 1152;
constexpr std::int64_t kMostRows = 6;
// Pieces are this many times as wide as the halo that neighbours compute both.
constexpr std::int64_t kPieceHalos = 12;
// Whole runs of vectors, in columns.
constexpr std::int64_t kRunColumns = 192;

// More terms are as good as none, and looking for them in a large kernel takes long.
constexpr std::int64_t kMostTerms = 16;

/// The most terms that take fewer multiplications than the window itself.
std::int64_t most_terms(const Problem& p) {
    return std::min(kMostTerms, (p.R * p.S - 1) / (p.R + p.S));
}

/// The factors of the kernel of map k and its channel c.
std::optional<LowRank> factors(const Problem& p, const Weights& weights, std::int64_t k,
                               std::int64_t c) {
    const std::int64_t window = (k * p.group_channels() + c) * p.R * p.S;
    return factor_kernel(weights.values.data() + window, p.R, p.S, most_terms(p));
}

/// One map: its terms, those of one channel after the other.
struct Map {
    std::vector<std::int64_t> channels;       ///< of each term
    std::vector<std::vector<float>> columns;  ///< of each term
    std::vector<float> rows;                  ///< of all terms
    double magnitude = 0;                     ///< as LowRank::magnitude, of all channels

    std::int64_t terms() const { return static_cast<std::int64_t>(channels.size()); }
};

Map factored_map(const Problem& p, const Weights& weights, std::int64_t k) {
    Map map;
    for (std::int64_t c = 0; c < p.group_channels(); ++c) {
        const auto kernel = factors(p, weights, k, c);
        map.magnitude += kernel->magnitude;
        for (std::int64_t i = 0; i < kernel->rank(); ++i) {
            const auto at = static_cast<std::size_t>(i);
            map.channels.push_back(c);
            map.columns.push_back(kernel->columns[at]);
            const auto& row = kernel->rows[at];
            map.rows.insert(map.rows.end(), row.begin(), row.end());
        }
    }
    return map;
}

/// Where the middle of a piece lies: [column phase][term][row][column * N].
struct Middle {
    std::int64_t columns;  ///< outputs of a whole piece
    std::int64_t rows, line_floats, terms;

    Middle(const Problem& p, const Tiling& tiling, std::int64_t most)
        : columns(std::min(piece_columns(p), tiling.columns)),
          rows(std::min(chain_rows(p.R) * tiling.chain_step, tiling.rows)),
          line_floats(round_up(width(p, columns) * p.N + kDirectLanes, kDirectLanes)),
          terms(most) {}

    /// Rows of a chain: as many as column_sums computes at once, twice or more where those are few.
    static std::int64_t chain_rows(std::int64_t R) {
        const std::int64_t together = column_rows_together(R);
        return kMostRows / together * together;
    }
    /// Columns of one phase that `count` outputs touch.
    static std::int64_t width(const Problem& p, std::int64_t count) {
        return ceil_div(columns_touched(p, count), p.stride_w);
    }
    static std::int64_t piece_columns(const Problem& p) {
        const std::int64_t halo = (p.S - 1) * p.dilation_w / p.stride_w;
        return round_up(std::max(kPieceFloats / p.N, kPieceHalos * halo), kRunColumns);
    }
    std::int64_t term_floats() const { return rows * line_floats; }
    std::int64_t phase_floats() const { return terms * term_floats(); }
    std::int64_t floats(const Problem& p) const { return p.stride_w * phase_floats(); }
};

/// What a run() keeps in its workspace.
struct Scratch {
    std::int64_t middle, table, constants, tile;  ///< in floats, whole cache lines

    Scratch(const Problem& p, const Tiling& tiling, const Middle& m)
        : middle(m.floats(p)),
          table(in_floats(p.padded_rows(tiling.rows) *
                          static_cast<std::int64_t>(sizeof(const void*)))),
          constants(in_floats(p.N * kFloat)),
          tile(in_floats(tiling.tile_bytes(p))) {}

    static std::int64_t in_floats(std::int64_t bytes) {
        return round_up(bytes, static_cast<std::int64_t>(kBufferAlignment)) / kFloat;
    }
    std::int64_t bytes() const { return (middle + table + constants + tile) * kFloat; }
};

/// Padded rows of a tile, and what of them can be read: the source itself, or a padded copy.
struct Lines {
    SampleType type = SampleType::f32;
    const void* const* rows = nullptr;
    std::int64_t channel_step = 0, phase_step = 0;
    std::int64_t first = 0, end = 0;  ///< padded columns; sample 0 of a row is column `first`
    bool far = false;                 ///< not in a cache yet

    /// The place of a column in the rows of a channel.
    std::int64_t offset(const Problem& p, std::int64_t c, std::int64_t phase,
                        std::int64_t column) const {
        return c * channel_step + phase * phase_step + (column - first) * p.N;
    }
};

/// Outputs of a tile that are computed together.
struct Piece {
    std::int64_t row, rows;      ///< from the tile's first row on
    std::int64_t column, count;  ///< of the picture
};

/// Where a run() works.
struct Work {
    const Source& src;
    float* middle;
    const void** table;
    float* constants;
    float* tile;
};

class TwoPasses {
public:
    TwoPasses(const Problem& problem, const Weights& weights)
        : p_(problem),
          tiling_(problem),
          layout_(tiling_.layout(problem)),
          maps_(factored_maps(problem, weights)),
          middle_(problem, tiling_, most_terms_of(maps_)),
          scratch_(problem, tiling_, middle_),
          bias_(weights.bias.begin(), weights.bias.end()) {
        bias_.resize(static_cast<std::size_t>(p_.K));
        for (std::int64_t s = 0; s < p_.S; ++s) {
            const std::int64_t w = s * p_.dilation_w;
            taps_.push_back(w % p_.stride_w * middle_.phase_floats() + w / p_.stride_w * p_.N);
        }
    }

    std::int64_t block_rows() const { return tiling_.rows; }
    std::int64_t workspace_bytes() const { return scratch_.bytes(); }

    /// Whether every sum of 8-bit samples is a number.
    bool never_overflows() const {
        constexpr double kLargest = 1e30;
        double sample = 255;
        for (const float x : p_.border.values) sample = std::max(sample, std::abs(double{x}));
        for (std::size_t k = 0; k < maps_.size(); ++k) {
            const double bound = maps_[k].magnitude * sample + std::abs(double{bias_[k]});
            if (!(bound < kLargest)) return false;
        }
        return true;
    }

    /// Calls store(map, sums, row of the block, column) for every piece.
    template <typename Store>
    void run(const Source& src, RowRange rows, float* workspace, const Store& store) const {
        float* after = workspace + scratch_.middle;
        const Work work{src, workspace, reinterpret_cast<const void**>(after),
                        after + scratch_.table, after + scratch_.table + scratch_.constants};
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t q = 0; q < p_.Q(); q += tiling_.columns) {
                const Tile tile{rows.first, rows.count, q, std::min(tiling_.columns, p_.Q() - q)};
                const Lines lines =
                    in_place(src, rows) ? source_lines(work, g, tile) : padded_lines(work, g, tile);
                for (std::int64_t i = 0; i < p_.group_kernels(); ++i) {
                    sum_map(g * p_.group_kernels() + i, tile, lines, work, store);
                }
            }
        }
    }

private:
    static std::vector<Map> factored_maps(const Problem& p, const Weights& weights) {
        std::vector<Map> maps;
        for (std::int64_t k = 0; k < p.K; ++k) maps.push_back(factored_map(p, weights, k));
        return maps;
    }
    static std::int64_t most_terms_of(const std::vector<Map>& maps) {
        std::int64_t most = 0;
        for (const Map& map : maps) most = std::max(most, map.terms());
        return most;
    }

    /// Whether the samples can be read as they lie. Constant rows around the picture have none.
    bool in_place(const Source& src, RowRange rows) const {
        const std::int64_t first = rows.first * p_.stride_h - p_.padding.top;
        const bool inside = first >= 0 && first + p_.padded_rows(rows.count) <= p_.H;
        return p_.stride_w == 1 && !src.alpha_weighted && (p_.N == 1 || src.strides.N == 1) &&
               src.strides.W == p_.N && (inside || p_.border.mode != BorderMode::constant);
    }

    Lines source_lines(const Work& work, std::int64_t group, const Tile& tile) const {
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

    Lines padded_lines(const Work& work, std::int64_t group, const Tile& tile) const {
        float* row = work.tile + layout_.floats + kDirectLanes;
        fill_tile(p_, layout_, work.src, group, tile, work.tile, row);
        for (std::int64_t h = 0; h < p_.padded_rows(tile.rows); ++h) {
            work.table[h] = work.tile + layout_.offset(h);
        }
        return {SampleType::f32,      work.table,
                layout_.channel_step, layout_.column_phase_step,
                tile.first_column,    tile.first_column + Middle::width(p_, tile.columns)};
    }

    /// One map of a tile, piece by piece.
    template <typename Store>
    void sum_map(std::int64_t k, const Tile& tile, const Lines& lines, const Work& work,
                 const Store& store) const {
        const Map& map = maps_[static_cast<std::size_t>(k)];
        const std::int64_t end = tile.first_column + tile.columns;
        for (std::int64_t t = 0; t < tile.rows; t += middle_.rows) {
            for (std::int64_t q = tile.first_column; q < end; q += middle_.columns) {
                const Piece piece{t, std::min(middle_.rows, tile.rows - t), q,
                                  std::min(middle_.columns, end - q)};
                if (lines.far) prefetch_below(tile, piece, lines);
                for (std::int64_t i = 0; i < map.terms(); ++i) {
                    fill_middle(map, k, i, piece, lines, work);
                }
                store(k, sums_of(map, k, piece, work.middle), piece.row, piece.column);
            }
        }
    }

    /// Asks for what the piece below reads first: the processor's own guesses come late where so
    /// many rows are read at once, each for a short run.
    void prefetch_below(const Tile& tile, const Piece& piece, const Lines& lines) const {
        constexpr std::int64_t kCacheLine = 64;
        const auto size = static_cast<std::int64_t>(sample_bytes(lines.type));
        const std::int64_t begin = std::max(piece.column - lines.first, std::int64_t{0}) * p_.N;
        const std::int64_t end =
            std::min(piece.column + piece.count - lines.first, lines.end - lines.first) * p_.N;
        const std::int64_t next = p_.padded_rows(piece.row + piece.rows);
        const std::int64_t last =
            std::min(next + piece.rows * p_.stride_h, p_.padded_rows(tile.rows));
        for (std::int64_t h = next; h < last; ++h) {
            const auto* row = static_cast<const std::byte*>(lines.rows[h]);
            for (std::int64_t at = begin * size; at < end * size; at += kCacheLine) {
                __builtin_prefetch(row + at);
            }
        }
    }

    /// The column pass of one term.
    void fill_middle(const Map& map, std::int64_t k, std::int64_t i, const Piece& piece,
                     const Lines& lines, const Work& work) const {
        const std::int64_t c = map.channels[static_cast<std::size_t>(i)];
        const std::vector<float>& weights = map.columns[static_cast<std::size_t>(i)];
        const std::int64_t end = piece.column + Middle::width(p_, piece.count);
        const std::int64_t first = std::max(piece.column, lines.first);
        const std::int64_t last = std::max(first, std::min(end, lines.end));
        for (std::int64_t phase = 0; phase < p_.stride_w; ++phase) {
            float* middle =
                work.middle + phase * middle_.phase_floats() + i * middle_.term_floats();
            column_pass(weights, piece, lines, lines.offset(p_, c, phase, first),
                        (last - first) * p_.N, middle + (first - piece.column) * p_.N);
            fill_border(weights, piece, {first, last}, {k, c}, lines, work, middle);
        }
    }

    /// One term over some columns, from sample `first` of the lines on, chain by chain.
    void column_pass(const std::vector<float>& weights, const Piece& piece, const Lines& lines,
                     std::int64_t first, std::int64_t columns, float* middle) const {
        const std::int64_t chains = std::min(tiling_.chain_step, piece.rows);
        for (std::int64_t start = 0; start < chains; ++start) {
            column_sums({.type = lines.type,
                         .lines = lines.rows + (piece.row + start) * p_.stride_h,
                         .line_step = p_.dilation_h,
                         .row_step = tiling_.row_step,
                         .first = first,
                         .weights = weights.data(),
                         .R = p_.R,
                         .out = middle + start * middle_.line_floats,
                         .out_step = tiling_.chain_step * middle_.line_floats,
                         .rows = ceil_div(piece.rows - start, tiling_.chain_step),
                         .columns = columns});
        }
    }

    struct Columns {
        std::int64_t first, end;
    };
    struct Kernel {
        std::int64_t k, c;  ///< map, and channel of its group
    };

    /// The columns of a piece beside those that could be read: what the border rule makes them.
    /// Only lines in place have any, and those have one phase.
    void fill_border(const std::vector<float>& weights, const Piece& piece, Columns done,
                     Kernel kernel, const Lines& lines, const Work& work, float* middle) const {
        const std::int64_t end = piece.column + Middle::width(p_, piece.count);
        for (const Columns side : {Columns{piece.column, done.first}, Columns{done.end, end}}) {
            for (std::int64_t column = side.first; column < side.end; ++column) {
                float* to = middle + (column - piece.column) * p_.N;
                const std::int64_t w = border_index(p_.border.mode, column - p_.padding.left, p_.W);
                const std::int64_t same = w + p_.padding.left;
                if (w < 0) {
                    constant_column(weights, piece, kernel, work, to);
                } else if (same >= done.first && same < done.end) {
                    const float* from = middle + (same - piece.column) * p_.N;
                    for (std::int64_t t = 0; t < piece.rows; ++t) {
                        std::copy_n(from + t * middle_.line_floats, p_.N,
                                    to + t * middle_.line_floats);
                    }
                } else {
                    column_pass(weights, piece, lines, lines.offset(p_, kernel.c, 0, same), p_.N,
                                to);
                }
            }
        }
    }

    /// A column of the border's constants, over the rows of a piece.
    void constant_column(const std::vector<float>& weights, const Piece& piece, Kernel kernel,
                         const Work& work, float* middle) const {
        const std::int64_t group = kernel.k / p_.group_kernels();
        for (std::int64_t n = 0; n < p_.N; ++n) {
            work.constants[n] =
                constant_value(p_.border, work.src, n, group * p_.group_channels() + kernel.c);
        }
        const void* line = work.constants;
        column_sums({.type = SampleType::f32,
                     .lines = &line,
                     .line_step = 0,
                     .row_step = 0,
                     .first = 0,
                     .weights = weights.data(),
                     .R = p_.R,
                     .out = middle,
                     .out_step = middle_.line_floats,
                     .rows = piece.rows,
                     .columns = p_.N});
    }

    /// The row pass of all terms of a map over a piece.
    RowSums sums_of(const Map& map, std::int64_t k, const Piece& piece, const float* middle) const {
        return {.lines = middle,
                .term_step = middle_.term_floats(),
                .line_step = middle_.line_floats,
                .taps = taps_.data(),
                .even_taps = p_.stride_w == 1,
                .weights = map.rows.data(),
                .terms = map.terms(),
                .S = p_.S,
                .bias = bias_[static_cast<std::size_t>(k)],
                .rows = piece.rows,
                .columns = piece.count * p_.N};
    }

    Problem p_;
    Tiling tiling_;
    TileLayout layout_;
    std::vector<Map> maps_;
    Middle middle_;
    Scratch scratch_;
    std::vector<std::int64_t> taps_;
    std::vector<float> bias_;
};

std::string rejects(const Problem& p, const Weights& weights) {
    if (p.R == 1 || p.S == 1) return "the kernel is one row or one column already";
    if (most_terms(p) == 0) {
        return fmt::format("two passes cost more than one for a {}x{} kernel", p.R, p.S);
    }
    for (std::int64_t k = 0; k < p.K; ++k) {
        for (std::int64_t c = 0; c < p.group_channels(); ++c) {
            if (factors(p, weights, k, c)) continue;
            return fmt::format(
                "the kernel is not a sum of {} or fewer products of a column and a row, so two "
                "passes cost more than one",
                most_terms(p));
        }
    }
    return {};
}

/// Visits the factors of every kernel: body(map, factors).
template <typename Body>
void for_each_kernel(const Problem& p, const Weights& weights, const Body& body) {
    for (std::int64_t k = 0; k < p.K; ++k) {
        for (std::int64_t c = 0; c < p.group_channels(); ++c) {
            body(k, *factors(p, weights, k, c));
        }
    }
}

double error_factor(const Problem& p, const Weights& weights) {
    std::vector<double> magnitudes(static_cast<std::size_t>(p.K));
    for_each_kernel(p, weights, [&](std::int64_t k, const LowRank& kernel) {
        magnitudes[static_cast<std::size_t>(k)] += kernel.magnitude;
    });
    double growth = 1;
    const auto each = static_cast<std::ptrdiff_t>(p.group_channels() * p.R * p.S);
    auto first = weights.values.begin();
    for (const double magnitude : magnitudes) {
        double norm = 0;
        for (const float w : std::span(first, first + each)) norm += std::abs(double{w});
        if (norm > 0) growth = std::max(growth, magnitude / norm);
        first += each;
    }
    return growth + 1;
}

std::int64_t workspace_bytes(const Problem& p, const Weights& weights) {
    std::vector<std::int64_t> terms(static_cast<std::size_t>(p.K));
    for_each_kernel(p, weights, [&](std::int64_t k, const LowRank& kernel) {
        terms[static_cast<std::size_t>(k)] += kernel.rank();
    });
    const Tiling tiling(p);
    const std::int64_t most = *std::max_element(terms.begin(), terms.end());
    return Scratch(p, tiling, Middle(p, tiling, most)).bytes();
}

Plan prepare(const Problem& problem, const Weights& weights) {
    const auto passes = std::make_shared<const TwoPasses>(problem, weights);
    Plan plan;
    plan.workspace_bytes = passes->workspace_bytes();
    plan.block_rows = passes->block_rows();
    plan.run = [passes](const Source& src, RowRange rows, TensorView<float> dst, float* workspace) {
        passes->run(
            src, rows, workspace,
            [&](std::int64_t k, const RowSums& sums, std::int64_t row, std::int64_t column) {
                row_sums(sums, &dst(0, k, row, column), dst.strides.H);
            });
    };
    if (!passes->never_overflows()) return plan;
    plan.run_u8 = [passes](const Source& src, RowRange rows, TensorView<std::uint8_t> dst,
                           float* workspace) {
        Lost lost;
        passes->run(
            src, rows, workspace,
            [&](std::int64_t k, const RowSums& sums, std::int64_t row, std::int64_t column) {
                lost += row_sums(sums, &dst(0, k, row, column), dst.strides.H);
            });
        return lost;
    };
    return plan;
}

// Measured on a Zen 5 core with AVX-512 and held to AVX2, 2048 x 2048 pictures, windows of 3x3 to
// 51x51: column passes run at 120 GMAC/s as direct does, and row passes too where taps share
// vectors. The first taps, a vector's worth, share none: unaligned loads then limit a row pass,
// whatever the vector's size. Bytes are converted and rounded in registers, floats come and go
// through the caches.
constexpr double kSecondsPerMac = 1.0 / 120e9;
constexpr double kSecondsPerLoad = 1.0 / 57e9;
constexpr double kSecondsPerMiddle = 0.03e-9;
constexpr double kSecondsPerByte = 0.04e-9, kSecondsPerSample = 0.18e-9;
constexpr double kMeasuredLanes = 16;

double cost(const Problem& p, const Weights& weights) {
    double terms = 0;
    for_each_kernel(p, weights, [&](std::int64_t, const LowRank& kernel) {
        terms += static_cast<double>(kernel.rank());
    });
    const std::int64_t lanes = separable_lanes();
    const double mac = kMeasuredLanes / static_cast<double>(lanes) * kSecondsPerMac;
    const std::int64_t alone = p.stride_w == 1 ? std::min(p.S, lanes) : p.S;
    const double column = static_cast<double>(p.R * p.stride_w) * mac;
    const double row =
        static_cast<double>(alone) * kSecondsPerLoad + static_cast<double>(p.S - alone) * mac;
    const double middle = static_cast<double>(p.stride_w) * kSecondsPerMiddle;
    const double sample = p.samples == SampleType::u8 ? kSecondsPerByte : kSecondsPerSample;
    const double picture = static_cast<double>(p.N * p.H) * static_cast<double>(p.W);
    const double result = static_cast<double>(p.N * p.P()) * static_cast<double>(p.Q());
    return result * terms * (column + middle + row) +
           (picture * static_cast<double>(p.C) + result * static_cast<double>(p.K)) * sample;
}

}  // namespace

Method separable_method() {
    return {.name = "separable",
            .summary = "a column pass and a row pass, for kernels of low rank",
            .rejects = rejects,
            .cost = cost,
            .error_factor = error_factor,
            .workspace_bytes = workspace_bytes,
            .prepare = prepare};
}

}  // namespace conv
