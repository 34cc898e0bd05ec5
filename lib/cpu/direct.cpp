#include "cpu/direct.hpp"

#include <algorithm>
#include <memory>

#include "base/size.hpp"
#include "cpu/direct_kernels.hpp"
#include "cpu/tiling.hpp"

namespace conv {
namespace {

// Narrower ranges of columns than this are not worth reading in place.
constexpr std::int64_t kLeastFloats = 128;
// Reading a picture in place saves a pass over it, but taller kernels would read more rows at once
// than the processor fetches ahead of need, and than one set of its first-level cache holds where
// rows are a multiple of 4 KiB apart.
constexpr std::int64_t kRowsInPlace = 4;

/// Lines in memory: a filled tile, or the source itself.
struct Lines {
    const float* first;
    std::int64_t channel_step, row_step;
};

struct Columns {
    std::int64_t first, end;
};

class DirectSum {
public:
    DirectSum(const Problem& problem, const Weights& weights)
        : p_(problem),
          tiling_(problem),
          layout_(tiling_.layout(problem)),
          bias_(weights.bias.begin(), weights.bias.end()) {
        for (std::int64_t s = 0; s < p_.S; ++s) taps_.push_back(layout_.tap(p_, s));
        for (std::int64_t k = 0; k < p_.K; ++k) {
            maps_.push_back(
                direct_weights(weights.values.data() + k * p_.group_channels() * p_.R * p_.S,
                               p_.group_channels(), p_.R, p_.S));
        }
    }

    const Tiling& tiling() const { return tiling_; }

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* workspace) const {
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            const Lines source = lines_in_place(src, g, rows);
            const Columns inner = source.first ? inner_columns() : Columns{0, 0};
            if (inner.first < inner.end) {
                Lines lines = source;
                lines.first += (inner.first - p_.padding.left) * p_.N;
                sum_tile(g, {rows.first, rows.count, inner.first, inner.end - inner.first}, lines,
                         dst);
            }
            for (const Columns outer : {Columns{0, inner.first}, {inner.end, p_.Q()}}) {
                sum_padded(g, rows, outer, src, dst, workspace);
            }
        }
    }

private:
    /// The source's own rows under a block of output rows, from column 0 on, where they can be read
    /// in place; `first` is null otherwise.
    Lines lines_in_place(const Source& src, std::int64_t group, RowRange rows) const {
        const auto floats = src.floats();
        const std::int64_t first = rows.first * p_.stride_h - p_.padding.top;
        if (!floats || !interleaved_batch(src.shape, src.strides) || p_.stride_w != 1 ||
            first < 0 || first + p_.padded_rows(rows.count) > p_.H || p_.R > kRowsInPlace) {
            return {nullptr, 0, 0};
        }
        const Strides& strides = src.strides;
        return {floats->data + group * p_.group_channels() * strides.C + first * strides.H,
                strides.C, strides.H};
    }

    /// The columns whose windows lie inside the picture's width; none if they are too few.
    Columns inner_columns() const {
        const std::int64_t first = p_.padding.left;
        const std::int64_t end =
            std::min(p_.Q(), p_.W + p_.padding.left - (p_.S - 1) * p_.dilation_w);
        if ((end - first) * p_.N < kLeastFloats) return {0, 0};
        return {first, end};
    }

    /// The outputs of a range of columns, through padded tiles.
    void sum_padded(std::int64_t group, RowRange rows, Columns columns, const Source& src,
                    TensorView<float> dst, float* workspace) const {
        float* row = workspace + layout_.tile_floats(p_) + kDirectLanes;
        for (std::int64_t q = columns.first; q < columns.end; q += tiling_.columns) {
            const Tile tile{rows.first, rows.count, q, std::min(tiling_.columns, columns.end - q)};
            fill_tile(p_, layout_, src, group, tile, workspace, row);
            sum_tile(group, tile, {workspace, layout_.line_floats, layout_.offset(1)}, dst);
        }
    }

    /// All maps of a group over one tile, chain by chain.
    void sum_tile(std::int64_t group, const Tile& tile, const Lines& lines,
                  TensorView<float> dst) const {
        for (std::int64_t i = 0; i < p_.group_kernels(); ++i) {
            const std::int64_t k = group * p_.group_kernels() + i;
            for (std::int64_t start = 0; start < std::min(tiling_.chain_step, tile.rows); ++start) {
                direct_rows({.lines = lines.first + start * p_.stride_h * lines.row_step,
                             .channel_step = lines.channel_step,
                             .line_step = p_.dilation_h * lines.row_step,
                             .row_step = tiling_.row_step,
                             .taps = taps_.data(),
                             .weights = maps_[static_cast<std::size_t>(k)].data(),
                             .bias = bias_.empty() ? 0.0F : bias_[static_cast<std::size_t>(k)],
                             .channels = p_.group_channels(),
                             .R = p_.R,
                             .S = p_.S,
                             .out = &dst(0, k, start, tile.first_column),
                             .out_step = dst.strides.H * tiling_.chain_step,
                             .rows = ceil_div(tile.rows - start, tiling_.chain_step),
                             .columns = tile.columns * p_.N});
            }
        }
    }

    Problem p_;
    Tiling tiling_;
    TileLayout layout_;
    std::vector<std::int64_t> taps_;
    std::vector<std::vector<float>> maps_;
    std::vector<float> bias_;
};

Plan prepare(const Problem& problem, const Weights& weights) {
    const auto sum = std::make_shared<const DirectSum>(problem, weights);
    return {.workspace_bytes = sum->tiling().tile_bytes(problem),
            .block_rows = sum->tiling().rows,
            .run = [sum](const Source& src, RowRange rows, TensorView<float> dst,
                         float* workspace) { sum->run(src, rows, dst, workspace); }};
}

// Measured on a Zen 5 core with AVX-512, 2048 x 2048 pictures, windows of 3x3 to 31x31: the sums
// run at 120 GMAC/s, or half of that where no rows are computed together (each then loads its own
// vectors), and each sample read and each written costs a pass through the caches.
constexpr double kSecondsPerMac = 1.0 / 120e9;
constexpr double kSecondsPerSample = 0.1e-9;

double cost(const Problem& p, const Weights&) {
    const Tiling tiling(p);
    const double alone = tiling.row_step == 1 && p.R > 1 ? 1.0 : 2.0;
    const double samples = static_cast<double>(p.N * p.C) * static_cast<double>(p.H * p.W) +
                           static_cast<double>(p.N * p.K) * static_cast<double>(p.P() * p.Q());
    return p.macs() * alone * kSecondsPerMac + samples * kSecondsPerSample;
}

}  // namespace

Method direct_method() {
    return {
        .name = "direct",
        .summary = "register-blocked SIMD loops on the picture, no lowering",
        .rejects = [](const Problem&, const Weights&) { return std::string(); },
        .cost = cost,
        .error_factor = [](const Problem&, const Weights&) { return 1.0; },
        .workspace_bytes = [](const Problem& p, const Weights&) { return Tiling(p).tile_bytes(p); },
        .prepare = prepare};
}

}  // namespace conv
