#include "cpu/winograd/winograd.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <numeric>

#include "base/error.hpp"
#include "base/size.hpp"
#include "conv/local_error.hpp"
#include "conv/run_contract.hpp"
#include "cpu/tile/lanes.hpp"
#include "cpu/winograd/checks.hpp"
#include "cpu/winograd/rows.hpp"
#include "cpu/winograd/weights.hpp"

namespace conv {
namespace {

/// Parts of a thread's workspace.
struct Workspace {
    float* input;    ///< transformed tiles of a block
    float* output;   ///< and those of a panel of maps
    float* columns;  ///< half-transformed columns of a row of tiles
    float* samples;  ///< padded input of kLanes channels, side by side
    float* results;  ///< a row of tiles of kLanes maps, side by side
    float* rows;     ///< for WinogradRows
    float* checks;   ///< for WinogradChecks

    using Sizes = std::array<std::int64_t, 7>;

    static Sizes sizes(const Problem& p, const WinogradTiling& t) {
        return {t.points() * t.input.point,
                t.points() * t.output.point,
                t.t * t.width * kLanes,
                (t.m * t.tile_rows + 2) * t.width * kLanes,
                t.m * t.m * t.tile_columns * kLanes,
                WinogradRows::floats(p, t.width),
                WinogradChecks::floats(p, t)};
    }
    static std::int64_t bytes(const Problem& p, const WinogradTiling& t) {
        const Sizes floats = sizes(p, t);
        return std::accumulate(floats.begin(), floats.end(), std::int64_t{0}) * kFloatBytes;
    }

    Workspace(const Sizes& floats, float* memory)
        : input(memory),
          output(input + floats[0]),
          columns(output + floats[1]),
          samples(columns + floats[2]),
          results(samples + floats[3]),
          rows(results + floats[4]),
          checks(rows + floats[5]) {}
};

/// A block of tiles of one picture: outputs from (row, column) on, rows x columns of them, row
/// counted from the first of the call.
struct Block {
    std::int64_t picture, row, rows, column, columns;
    std::int64_t tile_rows, tile_columns;

    std::int64_t tiles() const { return tile_rows * tile_columns; }
};

/// kLanes maps of a panel, from map k + i of a group on, the panel beginning with map k.
struct Maps {
    std::int64_t group, k, i;
};

/// Maps of a group from the first of a panel to the end of one.
struct Panels {
    std::int64_t first, end;
};

class Winograd {
public:
    Winograd(const Problem& problem, const WinogradTiling& tiling, const Weights& weights)
        : p_(problem),
          t_(tiling),
          checks_(problem, weights, t_),
          weights_(winograd_weights(problem, t_, weights.values)),
          bias_(winograd_bias(problem, t_, weights.bias)) {}

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* memory) const {
        run_share({}, src, rows, dst, memory);
    }

    /// Whole panels. Each share transforms the input once more.
    void run_share(const MapShare& share, const Source& src, RowRange rows, TensorView<float> dst,
                   float* memory) const {
        assert(run_operands_fit(p_, src, rows, dst) && workspace_fits(memory));
        assert(rows.count <= t_.m * t_.tile_rows);
        const Workspace workspace(Workspace::sizes(p_, t_), memory);
        const std::int64_t width = t_.m * t_.tile_columns;
        const Panels panels = panels_of(share);
        for (std::int64_t n = 0; n < p_.N; ++n) {
            for (std::int64_t column = 0; column < p_.Q(); column += width) {
                const std::int64_t columns = std::min(width, p_.Q() - column);
                const Block block{n,
                                  rows.first,
                                  rows.count,
                                  column,
                                  columns,
                                  ceil_div(rows.count, t_.m),
                                  ceil_div(columns, t_.m)};
                for (std::int64_t g = 0; g < p_.groups; ++g) {
                    run_block(src, block, {g, panels.first, panels.end}, dst, workspace);
                }
            }
        }
    }

private:
    Panels panels_of(const MapShare& share) const {
        const std::int64_t panels = t_.panels();
        const auto map = [&](std::int64_t i) {
            return std::min(i * panels / share.count * kWinogradPanel, t_.maps);
        };
        return {map(share.index), map(share.index + 1)};
    }

    void run_block(const Source& src, const Block& block, const WinogradChecks::Maps& maps,
                   TensorView<float> dst, const Workspace& workspace) const {
        const std::int64_t group = maps.group;
        WinogradChecks::Look look =
            checks_.begin({block.picture, block.row, block.rows, block.column, block.columns,
                           t_.m * block.tile_columns + 2},
                          workspace.checks);
        for (std::int64_t c = 0; c < t_.channels; c += kLanes) {
            const WinogradRows rows(p_, src, block.picture, group * t_.channels + c,
                                    std::min(kLanes, t_.channels - c), workspace.rows);
            transform_input(rows, block, c, workspace);
            checks_.add(look, c, workspace.samples);
        }
        for (std::int64_t k = maps.first; k < maps.end; k += kWinogradPanel) {
            multiply(block, group, k, workspace);
            for (std::int64_t i = 0; i < t_.panel_maps(k); i += kLanes) {
                transform_output(block, {group, k, i}, workspace, dst);
            }
        }
        checks_.mend(src, {group, maps.first, std::min(maps.end, p_.group_kernels())}, look, dst);
    }

    /// Channels c .. c + kLanes of a group.
    void transform_input(const WinogradRows& rows, const Block& block, std::int64_t c,
                         const Workspace& workspace) const {
        const std::int64_t width = t_.m * block.tile_columns + 2;
        for (std::int64_t h = 0; h < t_.m * block.tile_rows + 2; ++h) {
            rows.read(block.row + h - p_.padding.top, block.column - p_.padding.left, width,
                      workspace.samples + h * width * kLanes);
        }
        for (std::int64_t ty = 0; ty < block.tile_rows; ++ty) {
            winograd_input(static_cast<int>(t_.m), workspace.samples + ty * t_.m * width * kLanes,
                           block.tile_columns, workspace.columns,
                           workspace.input + ty * block.tile_columns * t_.input.tile + c, t_.input);
        }
    }

    void multiply(const Block& block, std::int64_t group, std::int64_t k,
                  const Workspace& workspace) const {
        const std::int64_t maps = t_.panel_maps(k);
        const float* weights =
            weights_.data() + group * t_.group_weights() + k * t_.points() * t_.channels;
        for (std::int64_t i = 0; i < t_.points(); ++i) {
            winograd_multiply({.weights = weights + i * t_.channels * maps,
                               .maps = maps,
                               .channels = t_.channels,
                               .in = workspace.input + i * t_.input.point,
                               .in_step = t_.input.tile,
                               .tiles = block.tiles(),
                               .out = workspace.output + i * t_.output.point});
        }
    }

    void transform_output(const Block& block, const Maps& maps, const Workspace& workspace,
                          TensorView<float> dst) const {
        const WinogradSteps steps{t_.output.point, t_.panel_maps(maps.k)};
        const float* bias = bias_.data() + maps.group * t_.maps + maps.k + maps.i;
        for (std::int64_t ty = 0; ty < block.tile_rows; ++ty) {
            winograd_output(static_cast<int>(t_.m),
                            workspace.output + ty * block.tile_columns * steps.tile + maps.i, steps,
                            block.tile_columns, bias, workspace.results);
            for (std::int64_t i = 0; i < std::min(t_.m, block.rows - ty * t_.m); ++i) {
                store(block, ty * t_.m + i, maps,
                      workspace.results + i * t_.m * block.tile_columns * kLanes, dst);
            }
        }
    }

    /// Row h of a block.
    void store(const Block& block, std::int64_t h, const Maps& maps, float* results,
               TensorView<float> dst) const {
        const std::int64_t first = maps.k + maps.i;
        const std::int64_t count = std::min(kLanes, p_.group_kernels() - first);
        float* to = &dst(block.picture, maps.group * p_.group_kernels() + first, h, block.column);
        if (p_.N == 1) return winograd_unpack(results, block.columns, count, to, dst.strides.C);
        for (std::int64_t c = 0; c < count; ++c) {
            for (std::int64_t q = 0; q < block.columns; ++q) {
                to[c * dst.strides.C + q * p_.N] = results[q * kLanes + c];
            }
        }
    }

    Problem p_;
    WinogradTiling t_;
    WinogradChecks checks_;
    AlignedBuffer<float> weights_, bias_;
};

Memory memory_of(const Problem& p, const WinogradTiling& t) {
    // The weights themselves serve direct sums.
    return {.kept = (p.groups * t.group_weights() + p.weight_count()) * kFloatBytes,
            .workspace = Workspace::bytes(p, t),
            .block_rows = t.m * t.tile_rows,
            .map_shares = t.panels()};
}

/// The local error itself is what holds: eps * n times this.
double error_factor(const Problem& p) {
    constexpr double kEpsilon = 1.0 / (1 << 23);
    const auto n = static_cast<double>(p.group_channels() * p.R * p.S);
    return std::max(1.0, kLocalError / (kEpsilon * n));
}

std::string rejection(const Problem& p) {
    if (p.R != 3 || p.S != 3) return fmt::format("made for 3 x 3 kernels, not {} x {}", p.R, p.S);
    if (p.stride_h != 1 || p.stride_w != 1) return "made for stride 1";
    if (p.dilation_h != 1 || p.dilation_w != 1) return "made for kernels without dilation";
    return {};
}

Offer offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    if (std::string reason = rejection(p); !reason.empty()) return refuse(std::move(reason));
    const WinogradTiling tiling(p, choose_winograd_tile(p));
    const Memory memory = memory_of(p, tiling);
    const auto prepare = [p, tiling, memory, weights] {
        const auto sum = std::make_shared<const Winograd>(p, tiling, weights);
        Plan plan = plan_of(memory, sum);
        plan.map_shares = memory.map_shares;
        plan.run_share = [sum](const MapShare& share, const Source& src, RowRange rows,
                               TensorView<float> dst, float* workspace) {
            sum->run_share(share, src, rows, dst, workspace);
        };
        return plan;
    };
    return {.seconds = winograd_seconds(p, tiling.m, profile),
            .error_factor = error_factor(p),
            .memory = memory,
            .prepare = prepare};
}

}  // namespace

Method winograd_method(const MachineProfile& profile) {
    return {.name = "winograd",
            .summary = "minimal filtering in tiles of 4x4 or 2x2, for banks of 3x3 kernels",
            .offer = [profile](const Problem& p, const Weights& weights) {
                return offer(p, weights, profile);
            }};
}

}  // namespace conv
