#include "cpu/direct.hpp"

#include <algorithm>
#include <memory>
#include <numeric>

#include "base/size.hpp"
#include "cpu/direct_kernels.hpp"
#include "cpu/padded_tile.hpp"

namespace conv {
namespace {

constexpr std::int64_t kFloat = sizeof(float);
// A tile of input lines fills about half of a 1 MiB second-level cache; the result's rows share it.
constexpr std::int64_t kTileFloats = 160 * 1024;
// Output rows of a tile: a multiple of every number of rows computed at once, and enough that the
// halo of a small kernel is read twice only rarely.
constexpr std::int64_t kTileRows = 60;
// Lines narrower than this make poor use of vectors.
constexpr std::int64_t kLeastFloats = 128;

/// The sizes that are decided once for a problem.
struct Tiling {
    std::int64_t chain_step;  ///< output rows that read the same lines: dilation_h / g
    std::int64_t row_step;    ///< between them, in units of dilation_h lines: stride_h / g
    std::int64_t rows, columns;

    explicit Tiling(const Problem& p) {
        const std::int64_t g = std::gcd(p.stride_h, p.dilation_h);
        chain_step = p.dilation_h / g;
        row_step = p.stride_h / g;
        const std::int64_t halo = (p.R - 1) * p.dilation_h;
        rows = std::min(std::max(kTileRows, round_up(2 * halo / p.stride_h, kTileRows)), p.P());
        const std::int64_t line_floats = p.group_channels() * p.stride_w * p.N;
        // As wide as the cache allows, but several times the kernel, so that its halo is paid once.
        const std::int64_t least =
            std::max(2 * (p.S - 1) * p.dilation_w / p.stride_w, kLeastFloats / p.N + 1);
        columns = kTileFloats / (line_floats * p.padded_rows(rows));
        columns = std::min(std::max(columns, least), p.Q());
    }

    TileLayout layout(const Problem& p) const { return {p, 1, rows, columns}; }

    std::int64_t workspace_bytes(const Problem& p) const {
        return (layout(p).tile_floats(p) + tile_row_floats(p, columns) + kDirectLanes) * kFloat;
    }
};

/// Lines in memory: a filled tile, or the source itself.
struct Lines {
    const float* first;
    std::int64_t row_step, channel_step;
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
        float* row = workspace + layout_.tile_floats(p_) + kDirectLanes;
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t q = 0; q < p_.Q(); q += tiling_.columns) {
                const Tile tile{rows.first, rows.count, q, std::min(tiling_.columns, p_.Q() - q)};
                fill_tile(p_, layout_, src, g, tile, workspace, row);
                sum_tile(g, tile, {workspace, layout_.offset(1), layout_.line_floats}, dst);
            }
        }
    }

private:
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
    return {.workspace_bytes = sum->tiling().workspace_bytes(problem),
            .block_rows = sum->tiling().rows,
            .run = [sum](const Source& src, RowRange rows, TensorView<float> dst,
                         float* workspace) { sum->run(src, rows, dst, workspace); }};
}

constexpr double kSecondsPerMac = 1.0 / 80e9;
constexpr double kSecondsPerSample = 0.3e-9;

double cost(const Problem& p, const Weights&) {
    const double samples = static_cast<double>(p.N * p.C) * static_cast<double>(p.H * p.W);
    return p.macs() * kSecondsPerMac + samples * kSecondsPerSample;
}

}  // namespace

Method direct_method() {
    return {.name = "direct",
            .summary = "register-blocked SIMD loops on the picture, no lowering",
            .rejects = [](const Problem&, const Weights&) { return std::string(); },
            .cost = cost,
            .error_factor = [](const Problem&, const Weights&) { return 1.0; },
            .workspace_bytes = [](const Problem& p,
                                  const Weights&) { return Tiling(p).workspace_bytes(p); },
            .prepare = prepare};
}

}  // namespace conv
