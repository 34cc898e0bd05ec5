#include "cpu/winograd.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "base/size.hpp"
#include "cpu/winograd_simd.hpp"

namespace conv {
namespace {

constexpr std::int64_t kFloat = sizeof(float);
constexpr std::int64_t kLanes = kWinogradLanes;
// The transformed input and output of a block of tiles: twice a second-level cache, for each is
// written and read in long runs and a block's weights are read but once. No fewer tiles than three
// vectors, which the products want, where the picture has them.
constexpr std::int64_t kBlockBytes = std::int64_t{2} << 20;
constexpr std::int64_t kLeastTiles = 3 * kLanes, kMostTiles = 512;

/// The sizes of the tiling for F(m x m, 3 x 3): what is decided once for a problem.
struct Tiling {
    std::int64_t m, t;
    std::int64_t channels, maps;           ///< of one group; maps rounded up to kWinogradMaps
    std::int64_t tile_rows, tile_columns;  ///< of a full block
    std::int64_t line;                     ///< floats of a line of tiles
    std::int64_t plane;                    ///< floats of one plane of split input samples
    std::int64_t input_step, output_step;  ///< from one of the t*t matrices to the next
    std::int64_t weight_step;              ///< the same for the weights of a group

    Tiling(const Problem& p, std::int64_t tile);

    std::int64_t points() const { return t * t; }
    std::int64_t row_floats(const Problem& p) const {
        return round_up((m * tile_columns + 2) * p.N, kLanes) + 2 * m * kLanes;
    }
    std::int64_t workspace_floats(const Problem& p) const {
        return points() * (input_step + output_step) + m * t * plane + m * m * (line + kLanes) +
               row_floats(p);
    }
};

Tiling::Tiling(const Problem& p, std::int64_t tile)
    : m(tile),
      t(tile + 2),
      channels(p.group_channels()),
      maps(round_up(p.group_kernels(), kWinogradMaps)) {
    const std::int64_t rows = ceil_div(p.P(), m), columns = ceil_div(p.Q(), m);
    const std::int64_t tile_bytes = points() * (channels + maps) * kFloat;
    const std::int64_t tiles = std::clamp(kBlockBytes / tile_bytes, kLeastTiles, kMostTiles);
    tile_columns = ceil_div(columns, ceil_div(columns, tiles));
    tile_rows = std::min(std::max<std::int64_t>(tiles / tile_columns, 1), rows);
    tile_rows = ceil_div(rows, ceil_div(rows, tile_rows));
    line = round_up(tile_rows * tile_columns, kLanes);
    plane = round_up((tile_rows + 1) * tile_columns, kLanes) + kLanes;
    // Off the powers of two: the t*t matrices are written side by side.
    input_step = channels * line + kLanes;
    output_step = maps * line + kLanes;
    weight_step = channels * maps + kLanes;
}

// Measured on Zen 5 with AVX-512: the products, a transformed number's way in and out, and the
// weights' way from the third-level cache.
constexpr double kSecondsPerMac = 1.0 / 120e9;
constexpr double kSecondsPerNumber = 0.16e-9;
constexpr double kSecondsPerWeight = 0.04e-9;

double seconds(const Problem& p, std::int64_t m) {
    const Tiling t(p, m);
    const auto C = static_cast<double>(t.channels), K = static_cast<double>(t.maps);
    const auto blocks = static_cast<double>(p.N * p.groups * ceil_div(p.P(), m * t.tile_rows) *
                                            ceil_div(ceil_div(p.Q(), m), t.tile_columns));
    const auto tiles = static_cast<double>(t.line);
    return blocks * static_cast<double>(t.points()) *
           (tiles * (C * K * kSecondsPerMac + (C + K) * kSecondsPerNumber) +
            C * K * kSecondsPerWeight);
}

std::int64_t choose_tile(const Problem& p) {
    return seconds(p, 2) < seconds(p, 4) ? 2 : 4;
}

/// G of F(m x m, 3 x 3): row i is (1, x_i, x_i^2) / N_i for the points 0, +-a, (+-b), infinity,
/// where N_i is the product of x_i - x_l over the other finite points l.
std::vector<std::array<double, 3>> weight_transform(std::int64_t m) {
    std::vector<double> points = {0, kWinogradA2, -kWinogradA2};
    if (m == 4) points = {0, kWinogradA4, -kWinogradA4, kWinogradB4, -kWinogradB4};
    std::vector<std::array<double, 3>> rows;
    for (const double x : points) {
        double norm = 1;
        for (const double other : points) norm *= other == x ? 1 : x - other;
        rows.push_back({1 / norm, x / norm, x * x / norm});
    }
    rows.push_back({0, 0, 1});
    return rows;
}

/// The transformed kernels, [group][i * t + j][map / kWinogradMaps][channel][map % kWinogradMaps] =
/// (G w G^T)[i][j]; zero for the maps that fill up the last panel.
AlignedBuffer<float> transform_weights(const Problem& p, const Tiling& t,
                                       std::span<const float> weights) {
    const auto G = weight_transform(t.m);
    const std::int64_t group = t.points() * t.weight_step;
    AlignedBuffer<float> transformed(p.groups * group);
    std::fill_n(transformed.data(), transformed.size(), 0.0F);
    const float* w = weights.data();
    for (std::int64_t map = 0; map < p.K; ++map) {
        const std::int64_t g = map / p.group_kernels(), k = map % p.group_kernels();
        float* first = transformed.data() + g * group +
                       k / kWinogradMaps * t.channels * kWinogradMaps + k % kWinogradMaps;
        for (std::int64_t c = 0; c < t.channels; ++c, w += 9) {
            float* to = first + c * kWinogradMaps;
            for (const auto& row : G) {
                std::array<double, 3> half{};
                for (std::size_t s = 0; s < 3; ++s) {
                    half[s] = row[0] * w[s] + row[1] * w[3 + s] + row[2] * w[6 + s];
                }
                for (const auto& column : G) {
                    *to = static_cast<float>(half[0] * column[0] + half[1] * column[1] +
                                             half[2] * column[2]);
                    to += t.weight_step;
                }
            }
        }
    }
    return transformed;
}

/// Parts of a thread's workspace.
struct Workspace {
    float *input, *output;  ///< the t*t matrices, channels x line and maps x line
    float* planes;          ///< split samples of one channel
    float* results;         ///< m*m lines of one map
    float* row;

    Workspace(const Tiling& t, float* memory)
        : input(memory),
          output(input + t.points() * t.input_step),
          planes(output + t.points() * t.output_step),
          results(planes + t.m * t.t * t.plane),
          row(results + t.m * t.m * (t.line + kLanes)) {}
};

/// A block of tiles of one picture: outputs from (row, column) on, rows x columns of them, row
/// counted from the first of the call.
struct Block {
    std::int64_t picture, row, rows, column, columns;
};

class Winograd {
public:
    Winograd(const Problem& problem, const Weights& weights, std::int64_t m)
        : p_(problem),
          t_(problem, m),
          weights_(transform_weights(problem, t_, weights.values)),
          bias_(weights.bias.begin(), weights.bias.end()) {}

    const Tiling& sizes() const { return t_; }

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* memory) const {
        const Workspace workspace(t_, memory);
        // What no picture writes is read all the same, for results that nobody reads.
        std::fill_n(workspace.planes, t_.m * t_.t * t_.plane, 0.0F);
        std::fill_n(workspace.row, t_.row_floats(p_), 0.0F);
        const std::int64_t width = t_.m * t_.tile_columns;
        for (std::int64_t n = 0; n < p_.N; ++n) {
            for (std::int64_t column = 0; column < p_.Q(); column += width) {
                const Block block{n, rows.first, rows.count, column,
                                  std::min(width, p_.Q() - column)};
                for (std::int64_t g = 0; g < p_.groups; ++g) {
                    run_block(src, block, g, dst, workspace);
                }
            }
        }
    }

private:
    void run_block(const Source& src, const Block& block, std::int64_t group, TensorView<float> dst,
                   const Workspace& workspace) const {
        const std::int64_t tiles = ceil_div(block.rows, t_.m) * t_.tile_columns;
        for (std::int64_t c = 0; c < t_.channels; ++c) {
            split(src, block, group * t_.channels + c, workspace);
            winograd_input(static_cast<int>(t_.m), workspace.planes, t_.plane, t_.tile_columns,
                           tiles, workspace.input + c * t_.line, t_.input_step);
        }
        multiply(group, tiles, workspace);
        for (std::int64_t k = 0; k < p_.group_kernels(); ++k) {
            winograd_output(static_cast<int>(t_.m), workspace.output + k * t_.line, t_.output_step,
                            tiles, workspace.results, t_.line + kLanes);
            store(block, group * p_.group_kernels() + k, workspace, dst);
        }
    }

    /// The padded input of a block in one channel, split by rows and columns modulo m.
    void split(const Source& src, const Block& block, std::int64_t channel,
               const Workspace& workspace) const {
        const std::int64_t count = t_.m * ceil_div(block.columns, t_.m) + 2;
        for (std::int64_t h = 0; h < t_.m * ceil_div(block.rows, t_.m) + 2; ++h) {
            pad_row(src, p_.border, channel, block.row + h - p_.padding.top,
                    block.column - p_.padding.left, count, workspace.row);
            if (p_.N > 1) {
                for (std::int64_t w = 0; w < count; ++w) {
                    workspace.row[w] = workspace.row[w * p_.N + block.picture];
                }
            }
            winograd_split(
                static_cast<int>(t_.m), workspace.row, t_.tile_columns,
                workspace.planes + h % t_.m * t_.t * t_.plane + h / t_.m * t_.tile_columns,
                t_.plane);
        }
    }

    void multiply(std::int64_t group, std::int64_t tiles, const Workspace& workspace) const {
        const float* weights = weights_.data() + group * t_.points() * t_.weight_step;
        for (std::int64_t i = 0; i < t_.points(); ++i) {
            for (std::int64_t k = 0; k < t_.maps; k += kWinogradMaps) {
                winograd_multiply(weights + i * t_.weight_step + k * t_.channels, t_.channels,
                                  workspace.input + i * t_.input_step, t_.line, tiles,
                                  workspace.output + i * t_.output_step + k * t_.line);
            }
        }
    }

    void store(const Block& block, std::int64_t map, const Workspace& workspace,
               TensorView<float> dst) const {
        const float bias = bias_.empty() ? 0.0F : bias_[static_cast<std::size_t>(map)];
        const std::int64_t step = t_.line + kLanes;
        for (std::int64_t h = 0; h < block.rows; ++h) {
            winograd_join(static_cast<int>(t_.m),
                          workspace.results + h % t_.m * t_.m * step + h / t_.m * t_.tile_columns,
                          step, ceil_div(block.columns, t_.m), bias, workspace.row);
            float* to = &dst(block.picture, map, h, block.column);
            if (p_.N == 1) {
                std::memcpy(to, workspace.row, static_cast<std::size_t>(block.columns * kFloat));
                continue;
            }
            for (std::int64_t q = 0; q < block.columns; ++q) to[q * p_.N] = workspace.row[q];
        }
    }

    Problem p_;
    Tiling t_;
    AlignedBuffer<float> weights_;
    std::vector<float> bias_;
};

Plan prepare(const Problem& problem, const Weights& weights) {
    const auto winograd = std::make_shared<const Winograd>(problem, weights, choose_tile(problem));
    const Tiling& t = winograd->sizes();
    return {.workspace_bytes = t.workspace_floats(problem) * kFloat,
            .block_rows = t.m * t.tile_rows,
            .run = [winograd](const Source& src, RowRange rows, TensorView<float> dst,
                              float* workspace) { winograd->run(src, rows, dst, workspace); }};
}

std::string rejects(const Problem& p, const Weights&) {
    if (p.R != 3 || p.S != 3) return fmt::format("made for 3 x 3 kernels, not {} x {}", p.R, p.S);
    if (p.stride_h != 1 || p.stride_w != 1) return "made for stride 1";
    if (p.dilation_h != 1 || p.dilation_w != 1) return "made for kernels without dilation";
    if (!p.finite) return "NaN or Inf would spread over whole tiles";
    return {};
}

}  // namespace

Method winograd_method() {
    return {.name = "winograd",
            .summary = "minimal filtering in tiles of 4x4 or 2x2, for banks of 3x3 kernels",
            .rejects = rejects,
            .cost = [](const Problem& p, const Weights&) { return seconds(p, choose_tile(p)); },
            .error_factor = [](const Problem& p,
                               const Weights&) { return choose_tile(p) == 2 ? 6.0 : 46.0; },
            .workspace_bytes =
                [](const Problem& p, const Weights&) {
                    return Tiling(p, choose_tile(p)).workspace_floats(p) * kFloat;
                },
            .prepare = prepare};
}

}  // namespace conv
