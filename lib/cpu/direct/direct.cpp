#include "cpu/direct/direct.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>

#include "base/pages.hpp"
#include "base/size.hpp"
#include "conv/run_contract.hpp"
#include "cpu/direct/flat.hpp"
#include "cpu/tile/direct_rows.hpp"
#include "cpu/tile/lanes.hpp"
#include "cpu/tile/row_tiling.hpp"

namespace conv {
namespace {

// Narrower ranges of columns than this are not worth reading in place.
constexpr std::int64_t kLeastFloats = 128;
// Reading a picture in place saves a pass over it, but taller kernels would read more rows at once
// than the processor fetches ahead of need, and than one set of its first-level cache holds where
// rows are a multiple of 4 KiB apart.
constexpr std::int64_t kRowsInPlace = 5;

/// Lines in memory: a filled tile, or the source itself.
struct Lines {
    const float* first;
    std::int64_t channel_step, row_step;
    bool far;  ///< not in a cache yet
};

struct Columns {
    std::int64_t first, end;
};

bool maps_share(const Problem& p, const Tiling& tiling) {
    return maps_share_lines(p.R, tiling.row_step, p.group_kernels());
}

class DirectSum {
public:
    DirectSum(const Problem& problem, const Tiling& tiling, const Weights& weights)
        : p_(problem),
          tiling_(tiling),
          layout_(tiling_.layout(problem)),
          bias_(weights.bias.begin(), weights.bias.end()) {
        bias_.resize(static_cast<std::size_t>(p_.K));
        for (std::int64_t s = 0; s < p_.S; ++s) taps_.push_back(layout_.tap(p_, s));
        const std::int64_t window = p_.group_channels() * p_.R * p_.S;
        for (std::int64_t k = 0; k < p_.K; k += maps_.back().count) {
            const std::int64_t count =
                maps_share(p_, tiling_) ? direct_maps_together(p_, k % p_.group_kernels()) : 1;
            const float* from = weights.values.data() + k * window;
            maps_.push_back({k, count,
                             count == 1 ? direct_weights(from, p_.group_channels(), p_.R, p_.S)
                                        : direct_map_weights(from, count, window)});
        }
    }

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* workspace) const {
        assert(run_operands_fit(p_, src, rows, dst) && workspace_fits(workspace));
        assert(rows.count <= tiling_.rows);
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            const Lines source = lines_in_place(src, g, rows);
            const Columns inner = source.first ? inner_columns(dst) : Columns{0, 0};
            if (inner.first < inner.end) {
                Lines lines = source;
                lines.first += (inner.first - p_.padding.left) * p_.N;
                sum_tile(g, {rows.first, rows.count, inner.first, inner.end - inner.first}, lines,
                         dst);
            }
            for (const Columns outer : {Columns{0, inner.first}, {inner.end, p_.Q()}}) {
                sum_padded(src, {g, rows, outer}, dst, workspace);
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
            return {nullptr, 0, 0, true};
        }
        const Strides& strides = src.strides;
        return {floats->data + group * p_.group_channels() * strides.C + first * strides.H,
                strides.C, strides.H, true};
    }

    /// Whether columns that are multiples of kLanes can be written past the caches.
    bool past_caches(const TensorView<float>& dst) const {
        return p_.facts.far_results && is_aligned(dst.data, kBufferAlignment) &&
               dst.strides.H % kLanes == 0 && dst.strides.C % kLanes == 0;
    }

    /// The columns whose windows lie inside the picture's width; none if they are too few.
    Columns inner_columns(const TensorView<float>& dst) const {
        const std::int64_t first =
            past_caches(dst) ? round_up(p_.padding.left, kLanes) : p_.padding.left;
        const std::int64_t end =
            std::min(p_.Q(), p_.W + p_.padding.left - (p_.S - 1) * p_.dilation_w);
        if ((end - first) * p_.N < kLeastFloats) return {0, 0};
        return {first, end};
    }

    /// Outputs of the maps of a group.
    struct Part {
        std::int64_t group;
        RowRange rows;
        Columns columns;
    };

    /// The outputs of a range of columns, through padded tiles.
    void sum_padded(const Source& src, const Part& part, TensorView<float> dst,
                    float* workspace) const {
        const auto& [group, rows, columns] = part;
        float* row = workspace + layout_.floats + kLanes;
        for (std::int64_t q = columns.first; q < columns.end; q += tiling_.columns) {
            const Tile tile{rows.first, rows.count, q, std::min(tiling_.columns, columns.end - q)};
            fill_tile(p_, layout_, src, group, tile, workspace, row);
            sum_tile(group, tile, {workspace, layout_.channel_step, layout_.line_step, false}, dst);
        }
    }

    /// All maps of a group over one tile.
    void sum_tile(std::int64_t group, const Tile& tile, const Lines& lines,
                  TensorView<float> dst) const {
        for (const MapsTogether& maps : maps_) {
            if (maps.first / p_.group_kernels() != group) continue;
            for (std::int64_t start = 0; start < std::min(tiling_.chain_step, tile.rows); ++start) {
                sum_chain(maps, start, tile, lines, dst);
            }
        }
    }

    void sum_chain(const MapsTogether& maps, std::int64_t start, const Tile& tile,
                   const Lines& lines, TensorView<float> dst) const {
        direct_rows({.lines = lines.first + start * p_.stride_h * lines.row_step,
                     .channel_step = lines.channel_step,
                     .line_step = p_.dilation_h * lines.row_step,
                     .row_step = tiling_.row_step,
                     .taps = taps_.data(),
                     .weights = maps.weights.data(),
                     .weight_step = maps.count == 1 ? p_.R : maps.count,
                     .weight_channel = p_.R * p_.S * maps.count,
                     .weight_row = p_.S * maps.count,
                     .bias = bias_.data() + maps.first,
                     .channels = p_.group_channels(),
                     .R = p_.R,
                     .S = p_.S,
                     .out = &dst(0, maps.first, start, tile.first_column),
                     .out_step = dst.strides.H * tiling_.chain_step,
                     .rows = ceil_div(tile.rows - start, tiling_.chain_step),
                     .columns = tile.columns * p_.N,
                     .maps = maps.count,
                     .map_step = dst.strides.C,
                     .past_caches = past_caches(dst) && tile.first_column % kLanes == 0,
                     .far = lines.far});
    }

    Problem p_;
    Tiling tiling_;
    TileLayout layout_;
    std::vector<std::int64_t> taps_;
    std::vector<MapsTogether> maps_;
    std::vector<float> bias_;
};

// The first and last lines of a window serve fewer rows at once, R / (R + 1) of the full rate, and
// rows that share neither lines nor maps run at a third of it; measured.
constexpr double kAloneSlower = 3;

double rows_seconds(const Problem& p, const Tiling& tiling, const MachineProfile& profile) {
    const auto R = static_cast<double>(p.R);
    const double slower = maps_share(p, tiling)  ? 1
                          : tiling.row_step == 1 ? (R + 1) / R
                                                 : kAloneSlower;
    const auto results = static_cast<double>(p.K * p.P());
    const auto window = static_cast<double>(p.group_channels() * p.R * p.S);
    const std::int64_t tiles =
        p.groups * ceil_div(p.P(), tiling.rows) * ceil_div(p.Q(), tiling.columns);
    return results * (window * slower * direct_columns_vectors(p.Q() * p.N) *
                          profile[Step::direct_vector] +
                      static_cast<double>(p.Q() * p.N) * profile[Step::result]) +
           static_cast<double>(tiles) *
               fill_tile_seconds(p, {0, tiling.rows, 0, tiling.columns}, profile);
}

Offer rows_offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    const Tiling tiling(p);
    const Memory memory = {p.weight_bytes(), tiling.tile_bytes(p), tiling.rows};
    const auto prepare = [p, tiling, memory, weights] {
        return plan_of(memory, std::make_shared<const DirectSum>(p, tiling, weights));
    };
    return {.seconds = rows_seconds(p, tiling, profile), .memory = memory, .prepare = prepare};
}

/// Several maps over long rows, or the rows as they are: what is predicted to be faster.
Offer offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    Offer rows = rows_offer(p, weights, profile);
    if (p.group_kernels() < kLeastMaps) return rows;
    Offer flat = flat_direct_offer(p, weights, profile);
    return flat.seconds < rows.seconds ? flat : rows;
}

}  // namespace

Method direct_method(const MachineProfile& profile) {
    return {.name = "direct",
            .summary = "register-blocked SIMD loops on the picture, no lowering",
            .offer = [profile](const Problem& p, const Weights& weights) {
                return offer(p, weights, profile);
            }};
}

}  // namespace conv
