#include "cpu/gemm/plane_lowering.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <memory>
#include <utility>

#include "base/size.hpp"
#include "conv/run_contract.hpp"
#include "cpu/gemm/product_seconds.hpp"
#include "cpu/tile/bias.hpp"
#include "cpu/tile/flat_tiling.hpp"
#include "cpu/tile/lanes.hpp"
#include "gemm/shifted_products.hpp"

namespace conv {
namespace {

/// Taps that are read at one shift (a, b), from planes first, first + 1 .. last.
struct Place {
    std::int64_t first, last;
    std::int64_t block = 0;  ///< where A_ab starts among the blocks of a group

    std::int64_t planes() const { return last - first + 1; }
};

/// The places of all taps of a kernel.
class Places {
public:
    using Shift = std::pair<std::int64_t, std::int64_t>;

    explicit Places(const Problem& p) : p_(p) {
        for (std::int64_t r = 0; r < p.R; ++r) {
            for (std::int64_t s = 0; s < p.S; ++s) {
                Place& place =
                    places_.try_emplace(shift(r, s), Place{plane(r, s), 0}).first->second;
                place.first = std::min(place.first, plane(r, s));
                place.last = std::max(place.last, plane(r, s));
            }
        }
        for (auto& [shift, place] : places_) {
            place.block = block_floats_;
            block_floats_ += p.group_kernels() * place.planes() * p.group_channels();
        }
    }

    const std::map<Shift, Place>& all() const { return places_; }
    /// Floats of all blocks of a group.
    std::int64_t block_floats() const { return block_floats_; }

    const Place& of(std::int64_t r, std::int64_t s) const { return places_.at(shift(r, s)); }

    /// The place of weights[k,c,r,s] among the blocks of its group.
    std::int64_t weight(std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s) const {
        const Place& place = places_.at(shift(r, s));
        assert(plane(r, s) >= place.first && plane(r, s) <= place.last);
        assert(k < p_.group_kernels() && c < p_.group_channels());
        const std::int64_t line = (plane(r, s) - place.first) * p_.group_channels() + c;
        return place.block + k * place.planes() * p_.group_channels() + line;
    }

private:
    Shift shift(std::int64_t r, std::int64_t s) const {
        return {r * p_.dilation_h / p_.stride_h, s * p_.dilation_w / p_.stride_w};
    }
    std::int64_t plane(std::int64_t r, std::int64_t s) const {
        return r * p_.dilation_h % p_.stride_h * p_.stride_w + s * p_.dilation_w % p_.stride_w;
    }

    Problem p_;
    std::map<Shift, Place> places_;
    std::int64_t block_floats_ = 0;
};

std::int64_t result_step(const Problem& p, const FlatTiling& tiling) {
    return round_up(tiling.flat_floats(p, tiling.tile), kLanes);
}

std::vector<float> plane_blocks(const Problem& p, const Places& places,
                                std::span<const float> weights) {
    std::vector<float> blocks(static_cast<std::size_t>(p.groups * places.block_floats()), 0.0F);
    const float* w = weights.data();
    for (std::int64_t map = 0; map < p.K; ++map) {
        float* group = blocks.data() + map / p.group_kernels() * places.block_floats();
        for (std::int64_t c = 0; c < p.group_channels(); ++c) {
            for (std::int64_t r = 0; r < p.R; ++r) {
                for (std::int64_t s = 0; s < p.S; ++s, ++w) {
                    group[places.weight(map % p.group_kernels(), c, r, s)] = *w;
                }
            }
        }
    }
    return blocks;
}

class PlaneLowering {
public:
    PlaneLowering(const Problem& problem, const FlatTiling& tiling, const Places& places,
                  const Weights& weights)
        : p_(problem), tiling_(tiling), bias_(weights.bias.begin(), weights.bias.end()) {
        blocks_ = plane_blocks(p_, places, weights.values);
        add_tap_products(places);
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (const auto& [shift, place] : places.all()) {
                const std::int64_t depth = place.planes() * p_.group_channels();
                const std::int64_t offset = place.first * tiling_.layout.column_phase_step +
                                            shift.first * tiling_.pitch() + shift.second * p_.N;
                products_.push_back({blocks_.data() + g * places.block_floats() + place.block,
                                     depth, depth, offset});
            }
        }
    }

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* workspace) const {
        assert(run_operands_fit(p_, src, rows, dst) && workspace_fits(workspace));
        assert(rows.count <= tiling_.tile.rows);
        float* row = workspace + tiling_.layout.floats + kLanes;
        float* results = row + tile_row_floats(p_, tiling_.tile.columns);
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t q = 0; q < p_.Q(); q += tiling_.tile.columns) {
                const std::int64_t columns = std::min(tiling_.tile.columns, p_.Q() - q);
                const Tile tile{rows.first, rows.count, q, columns};
                fill_tile(p_, tiling_.layout, src, g, tile, workspace, row);
                // No zero of a block may meet NaN or Inf.
                const bool numbers = src.type != SampleType::f32 ||
                                     tile_is_finite(p_, tiling_.layout, tile, workspace);
                multiply_tile(group_products(numbers, g), tile, workspace, results);
                store_flat_rows(
                    p_, tiling_, tile,
                    {results, result_step(p_, tiling_), g * p_.group_kernels(), p_.group_kernels()},
                    dst);
            }
        }
        add_bias(bias_, dst);
    }

private:
    /// The products of each tap alone, from the same blocks: without the zeros of taps that a
    /// kernel lacks.
    void add_tap_products(const Places& places) {
        const std::int64_t C = p_.group_channels();
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t r = 0; r < p_.R; ++r) {
                for (std::int64_t s = 0; s < p_.S; ++s) {
                    const Place& place = places.of(r, s);
                    tap_products_.push_back(
                        {blocks_.data() + g * places.block_floats() + places.weight(0, 0, r, s),
                         place.planes() * C, C, tiling_.tap(p_, r, s)});
                }
            }
        }
    }

    /// Of a group; `numbers`: no zero of a block would meet NaN or Inf.
    std::span<const ShiftedProduct> group_products(bool numbers, std::int64_t group) const {
        const std::vector<ShiftedProduct>& all = numbers ? products_ : tap_products_;
        const std::size_t count = all.size() / static_cast<std::size_t>(p_.groups);
        return std::span(all).subspan(static_cast<std::size_t>(group) * count, count);
    }

    void multiply_tile(std::span<const ShiftedProduct> products, const Tile& tile,
                       const float* planes, float* results) const {
        const std::int64_t columns =
            round_up(tiling_.flat_floats(p_, {tile.rows, tile.columns}), kLanes);
        sum_products(products, planes, tiling_.layout.channel_step,
                     {results, p_.group_kernels(), columns, result_step(p_, tiling_), 1});
    }

    Problem p_;
    FlatTiling tiling_;
    std::vector<float> bias_;
    std::vector<float> blocks_;
    std::vector<ShiftedProduct> products_;      ///< [group][place]
    std::vector<ShiftedProduct> tap_products_;  ///< [group][r][s]
};

double predicted_seconds(const Problem& p, const FlatTiling& tiling, const Places& places,
                         const MachineProfile& profile) {
    const std::int64_t tile_columns = result_step(p, tiling);
    double tile = 0;
    for (const auto& [shift, place] : places.all()) {
        tile += product_seconds(sum_products_work(1, p.group_kernels(), tile_columns,
                                                  place.planes() * p.group_channels()),
                                profile);
    }
    return tiling.tiles(p) *
           (tile + static_cast<double>(p.group_kernels() * tile_columns) * profile[Step::result] +
            fill_tile_seconds(p, {0, tiling.tile.rows, 0, tiling.tile.columns}, profile));
}

Memory memory_of(const Problem& p, const FlatTiling& tiling, const Places& places) {
    const std::int64_t floats = tiling.layout.floats + kLanes +
                                tile_row_floats(p, tiling.tile.columns) +
                                p.group_kernels() * result_step(p, tiling);
    return {p.groups * places.block_floats() * kFloatBytes, floats * kFloatBytes, tiling.tile.rows};
}

}  // namespace

Offer plane_lowering_offer(const Problem& p, const Weights& weights,
                           const MachineProfile& profile) {
    const FlatTiling tiling(p, p.group_kernels());
    const auto places = std::make_shared<const Places>(p);
    const Memory memory = memory_of(p, tiling, *places);
    const auto prepare = [p, tiling, places, memory, weights] {
        return plan_of(memory, std::make_shared<const PlaneLowering>(p, tiling, *places, weights));
    };
    return {.seconds = predicted_seconds(p, tiling, *places, profile),
            .memory = memory,
            .prepare = prepare};
}

}  // namespace conv
