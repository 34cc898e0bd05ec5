#include "cpu/separable.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/error.hpp"
#include "base/size.hpp"
#include "cpu/low_rank.hpp"
#include "cpu/tiling.hpp"

namespace conv {
namespace {

constexpr std::int64_t kFloat = sizeof(float);
// Rows of a strip, for each of the output rows that share no line: the middle of a 2048 wide
// picture then takes 100 KiB a term, and stays in the second-level cache beside the tile.
constexpr std::int64_t kStripRows = 2 * kDirectRows;

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
    std::vector<std::vector<float>> columns;  ///< of each term, as direct_weights
    std::vector<float> rows;                  ///< of all terms, as direct_weights

    std::int64_t terms() const { return static_cast<std::int64_t>(channels.size()); }
};

Map factored_map(const Problem& p, const Weights& weights, std::int64_t k) {
    Map map;
    for (std::int64_t c = 0; c < p.group_channels(); ++c) {
        const auto kernel = factors(p, weights, k, c);
        for (std::int64_t i = 0; i < kernel->rank(); ++i) {
            const auto at = static_cast<std::size_t>(i);
            map.channels.push_back(c);
            map.columns.push_back(direct_weights(kernel->columns[at].data(), 1, p.R, 1));
            const auto row = direct_weights(kernel->rows[at].data(), 1, 1, p.S);
            map.rows.insert(map.rows.end(), row.begin(), row.end());
        }
    }
    return map;
}

/// Where the middle lies: [column phase][term][row][column * N], lines as wide as the tile's.
struct Middle {
    std::int64_t rows, line_floats, terms;

    Middle(const Problem& p, const Tiling& tiling, std::int64_t most)
        : rows(std::min(kStripRows * tiling.chain_step, tiling.rows)),
          line_floats(tiling.layout(p).channel_step),
          terms(most) {}

    std::int64_t term_floats() const { return rows * line_floats; }
    std::int64_t phase_floats() const { return terms * term_floats(); }
    std::int64_t bytes(const Problem& p) const {
        return (p.stride_w * phase_floats() + kDirectLanes) * kFloat;
    }
};

class TwoPasses {
public:
    TwoPasses(const Problem& problem, const Weights& weights)
        : p_(problem),
          tiling_(problem),
          layout_(tiling_.layout(problem)),
          maps_(factored_maps(problem, weights)),
          middle_(problem, tiling_, most_terms_of(maps_)),
          bias_(weights.bias.begin(), weights.bias.end()) {
        bias_.resize(static_cast<std::size_t>(p_.K));
        for (std::int64_t s = 0; s < p_.S; ++s) {
            const std::int64_t w = s * p_.dilation_w;
            taps_.push_back(w % p_.stride_w * middle_.phase_floats() + w / p_.stride_w * p_.N);
        }
    }

    std::int64_t block_rows() const { return tiling_.rows; }
    std::int64_t workspace_bytes() const { return tiling_.tile_bytes(p_) + middle_.bytes(p_); }

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* workspace) const {
        float* middle = workspace;
        float* lines = middle + middle_.bytes(p_) / kFloat;
        float* row = lines + layout_.floats + kDirectLanes;
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t q = 0; q < p_.Q(); q += tiling_.columns) {
                const Tile tile{rows.first, rows.count, q, std::min(tiling_.columns, p_.Q() - q)};
                fill_tile(p_, layout_, src, g, tile, lines, row);
                for (std::int64_t i = 0; i < p_.group_kernels(); ++i) {
                    sum_map(g * p_.group_kernels() + i, tile, lines, middle, dst);
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

    /// One map of a tile, strip by strip.
    void sum_map(std::int64_t k, const Tile& tile, const float* lines, float* middle,
                 TensorView<float> dst) const {
        const Map& map = maps_[static_cast<std::size_t>(k)];
        for (std::int64_t t = 0; t < tile.rows; t += middle_.rows) {
            const std::int64_t rows = std::min(middle_.rows, tile.rows - t);
            const std::int64_t width = columns_touched(p_, tile.columns);
            const std::int64_t columns = ceil_div(width, p_.stride_w) * p_.N;
            for (std::int64_t i = 0; i < map.terms(); ++i) {
                const std::int64_t c = map.channels[static_cast<std::size_t>(i)];
                for (std::int64_t phase = 0; phase < std::min(p_.stride_w, width); ++phase) {
                    column_pass(
                        map.columns[static_cast<std::size_t>(i)],
                        lines + layout_.offset(t * p_.stride_h, c) +
                            phase * layout_.column_phase_step,
                        rows, columns,
                        middle + phase * middle_.phase_floats() + i * middle_.term_floats());
                }
            }
            row_pass(map, k, middle, {rows, tile.columns * p_.N}, &dst(0, k, t, tile.first_column),
                     dst.strides.H);
        }
    }

    /// One term over `rows` output rows of one column phase, chain by chain.
    void column_pass(const std::vector<float>& weights, const float* lines, std::int64_t rows,
                     std::int64_t columns, float* middle) const {
        constexpr std::int64_t kOneTap = 0;
        constexpr float kNoBias = 0;
        for (std::int64_t start = 0; start < std::min(tiling_.chain_step, rows); ++start) {
            direct_rows({.lines = lines + layout_.offset(start * p_.stride_h),
                         .channel_step = 0,
                         .line_step = p_.dilation_h * layout_.line_step,
                         .row_step = tiling_.row_step,
                         .taps = &kOneTap,
                         .weights = weights.data(),
                         .bias = &kNoBias,
                         .channels = 1,
                         .R = p_.R,
                         .S = 1,
                         .out = middle + start * middle_.line_floats,
                         .out_step = tiling_.chain_step * middle_.line_floats,
                         .rows = ceil_div(rows - start, tiling_.chain_step),
                         .columns = columns});
        }
    }

    struct Extent {
        std::int64_t rows, columns;
    };

    /// All terms of a map over a strip.
    void row_pass(const Map& map, std::int64_t k, const float* middle, Extent extent, float* out,
                  std::int64_t out_step) const {
        direct_rows({.lines = middle,
                     .channel_step = middle_.term_floats(),
                     .line_step = middle_.line_floats,
                     .row_step = 1,
                     .taps = taps_.data(),
                     .weights = map.rows.data(),
                     .bias = bias_.data() + k,
                     .channels = map.terms(),
                     .R = 1,
                     .S = p_.S,
                     .out = out,
                     .out_step = out_step,
                     .rows = extent.rows,
                     .columns = extent.columns});
    }

    Problem p_;
    Tiling tiling_;
    TileLayout layout_;
    std::vector<Map> maps_;
    Middle middle_;
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
    return tiling.tile_bytes(p) + Middle(p, tiling, most).bytes(p);
}

Plan prepare(const Problem& problem, const Weights& weights) {
    const auto passes = std::make_shared<const TwoPasses>(problem, weights);
    return {.workspace_bytes = passes->workspace_bytes(),
            .block_rows = passes->block_rows(),
            .run = [passes](const Source& src, RowRange rows, TensorView<float> dst,
                            float* workspace) { passes->run(src, rows, dst, workspace); }};
}

// Measured on a Zen 5 core with AVX-512, 2048 x 2048 pictures, windows of 5x5 to 101x101: column
// passes run at 120 GMAC/s as direct does, row passes, whose vectors straddle cache lines, at 45;
// each sample read, kept between the passes, or written costs a pass through the caches.
constexpr double kSecondsPerColumnMac = 1.0 / 120e9;
constexpr double kSecondsPerRowMac = 1.0 / 45e9;
constexpr double kSecondsPerSample = 0.1e-9;
constexpr double kMeasuredLanes = 16;

double cost(const Problem& p, const Weights& weights) {
    double terms = 0;
    for_each_kernel(p, weights, [&](std::int64_t, const LowRank& kernel) {
        terms += static_cast<double>(kernel.rank());
    });
    const double slower = kMeasuredLanes / static_cast<double>(direct_lanes());
    const double column = static_cast<double>(p.R * p.stride_w) * slower * kSecondsPerColumnMac;
    const double row = static_cast<double>(p.S) * slower * kSecondsPerRowMac;
    const double middle = static_cast<double>(p.stride_w) * kSecondsPerSample;
    const double picture = static_cast<double>(p.N * p.H) * static_cast<double>(p.W);
    const double result = static_cast<double>(p.N * p.P()) * static_cast<double>(p.Q());
    return result * terms * (column + middle + row) +
           (picture * static_cast<double>(p.C) + result * static_cast<double>(p.K)) *
               kSecondsPerSample;
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
