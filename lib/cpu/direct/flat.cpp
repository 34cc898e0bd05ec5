#include "cpu/direct/flat.hpp"

#include <algorithm>
#include <cassert>
#include <memory>

#include "base/size.hpp"
#include "conv/run_contract.hpp"
#include "cpu/tile/direct_rows.hpp"
#include "cpu/tile/flat_tiling.hpp"
#include "cpu/tile/lanes.hpp"

namespace conv {
namespace {

/// Where the parts of a workspace start, in floats; the tile is the first.
struct Parts {
    std::int64_t row, results, end;
    std::int64_t result_step;

    Parts(const Problem& p, const FlatTiling& tiling)
        : row(tiling.layout.floats + kLanes),
          results(row + tile_row_floats(p, tiling.tile.columns)),
          end(results),
          result_step(round_up(tiling.flat_floats(p, tiling.tile), kLanes)) {
        end += kRowsTogether * result_step;
    }
};

class FlatDirect {
public:
    FlatDirect(const Problem& problem, const FlatTiling& tiling, const Weights& weights)
        : p_(problem),
          tiling_(tiling),
          parts_(problem, tiling),
          bias_(weights.bias.begin(), weights.bias.end()) {
        bias_.resize(static_cast<std::size_t>(p_.K));
        for (std::int64_t r = 0; r < p_.R; ++r) {
            for (std::int64_t s = 0; s < p_.S; ++s) taps_.push_back(tiling_.tap(p_, r, s));
        }
        const std::int64_t window = p_.group_channels() * p_.R * p_.S;
        for (std::int64_t k = 0; k < p_.K; k += maps_.back().count) {
            const std::int64_t count = direct_maps_together(p_, k % p_.group_kernels());
            maps_.push_back(
                {k, count, direct_map_weights(weights.values.data() + k * window, count, window)});
        }
    }

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* workspace) const {
        assert(run_operands_fit(p_, src, rows, dst) && workspace_fits(workspace));
        assert(rows.count <= tiling_.tile.rows);
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t q = 0; q < p_.Q(); q += tiling_.tile.columns) {
                const std::int64_t columns = std::min(tiling_.tile.columns, p_.Q() - q);
                const Tile tile{rows.first, rows.count, q, columns};
                fill_tile(p_, tiling_.layout, src, g, tile, workspace, workspace + parts_.row);
                for (const MapsTogether& maps : maps_) {
                    if (maps.first / p_.group_kernels() == g) sum_maps(maps, tile, workspace, dst);
                }
            }
        }
    }

private:
    void sum_maps(const MapsTogether& maps, const Tile& tile, float* workspace,
                  TensorView<float> dst) const {
        float* results = workspace + parts_.results;
        direct_rows({.lines = workspace,
                     .channel_step = tiling_.layout.channel_step,
                     .line_step = 0,
                     .row_step = 0,
                     .taps = taps_.data(),
                     .weights = maps.weights.data(),
                     .weight_step = maps.count,
                     .weight_channel = p_.R * p_.S * maps.count,
                     .bias = bias_.data() + maps.first,
                     .channels = p_.group_channels(),
                     .R = 1,
                     .S = p_.R * p_.S,
                     .out = results,
                     .out_step = 0,
                     .rows = 1,
                     .columns = tiling_.flat_floats(p_, {tile.rows, tile.columns}),
                     .maps = maps.count,
                     .map_step = parts_.result_step});
        store_flat_rows(p_, tiling_, tile, {results, parts_.result_step, maps.first, maps.count},
                        dst);
    }

    Problem p_;
    FlatTiling tiling_;
    Parts parts_;
    std::vector<std::int64_t> taps_;  ///< [r][s]
    std::vector<MapsTogether> maps_;
    std::vector<float> bias_;
};

double predicted_seconds(const Problem& p, const FlatTiling& tiling,
                         const MachineProfile& profile) {
    const std::int64_t columns = tiling.flat_floats(p, tiling.tile);
    const auto maps = static_cast<double>(p.group_kernels());
    const auto window = static_cast<double>(p.group_channels() * p.R * p.S);
    // Results of long rows are copied once more to where they belong.
    constexpr double kResult = 1.5;
    return tiling.tiles(p) *
           (maps * window * direct_columns_vectors(columns) * profile[Step::direct_vector] +
            maps * static_cast<double>(columns) * kResult * profile[Step::result] +
            fill_tile_seconds(p, {0, tiling.tile.rows, 0, tiling.tile.columns}, profile));
}

}  // namespace

std::int64_t direct_maps_together(const Problem& p, std::int64_t k) {
    const std::int64_t left = p.group_kernels() - k;
    return ceil_div(left, ceil_div(left, kRowsTogether));
}

Offer flat_direct_offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    const FlatTiling tiling(p, kRowsTogether);
    const Memory memory = {p.weight_bytes(), Parts(p, tiling).end * kFloatBytes, tiling.tile.rows};
    const auto prepare = [p, tiling, memory, weights] {
        return plan_of(memory, std::make_shared<const FlatDirect>(p, tiling, weights));
    };
    return {.seconds = predicted_seconds(p, tiling, profile), .memory = memory, .prepare = prepare};
}

}  // namespace conv
