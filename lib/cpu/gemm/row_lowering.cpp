#include "cpu/gemm/row_lowering.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <memory>

#include "base/size.hpp"
#include "conv/run_contract.hpp"
#include "conv/toeplitz_rows.hpp"
#include "cpu/gemm/product_seconds.hpp"
#include "cpu/tile/bias.hpp"
#include "cpu/tile/builtin_profile.hpp"
#include "cpu/tile/cache.hpp"
#include "cpu/tile/padded_tile.hpp"
#include "gemm/shifted_products.hpp"

namespace conv {
namespace {

// A tile of input lines; the result's rows and OpenBLAS's packed panels share the cache.
constexpr std::int64_t kTileFloats = kL2Floats * 5 / 8;
// T: what is tried, cheapest first wins; more rows fill sgemm better and add zeros.
constexpr std::array<std::int64_t, 5> kRowsTogether = {1, 2, 4, 8, 12};
// Columns of a product for comparing them.
constexpr std::int64_t kTypicalColumns = 512;
// A result's way to memory, from products that lie as rows of several maps.
constexpr double kResult = 1.2;

/// The sizes of the lowering on the processor: what is decided once for a problem.
struct Lowering : ToeplitzRows {
    std::int64_t tile_rows, tile_columns;  ///< outputs of a full tile

    explicit Lowering(const Problem& p);

    std::int64_t cheapest_rows_together(const Problem& p) const;
    /// Rows are split by dilation_h.
    TileLayout layout(const Problem& p) const {
        return {p, TileOrder::lines, p.dilation_h, tile_rows, tile_columns};
    }
    /// Of `count` output rows of `columns` results each.
    ProductWork product_work(const Problem& p, std::int64_t count, std::int64_t columns) const {
        return sum_products_work(p.S, count * maps, columns, depth(p, count));
    }
    std::int64_t result_floats(const Problem& p) const {
        return rows_together * maps * tile_columns * p.N;
    }
    std::int64_t workspace_bytes(const Problem& p) const {
        return (layout(p).floats + tile_row_floats(p, tile_columns) + result_floats(p)) *
               kFloatBytes;
    }
    /// Of the blocks.
    std::int64_t kept_bytes(const Problem& p) const {
        return p.groups * p.S * block_floats(p) * kFloatBytes;
    }
};

Lowering::Lowering(const Problem& p) : ToeplitzRows(p) {
    rows_together = cheapest_rows_together(p);

    // Tall enough that the halo of (R-1)*dilation_h rows is not most of the tile.
    const std::int64_t unit = rows_together * chain_step;
    const std::int64_t halo = (p.R - 1) * p.dilation_h;
    const std::int64_t wanted_rows = std::clamp<std::int64_t>(2 * halo / p.stride_h, 32, 128);
    tile_rows = std::min(round_up(wanted_rows, unit), round_up(p.P(), unit));

    // As wide as the cache allows, but several times the kernel, so that its halo is paid once.
    const std::int64_t lines =
        round_up(p.padded_rows(tile_rows), p.dilation_h) * channels * p.stride_w * p.N;
    const std::int64_t least =
        std::max<std::int64_t>(2 * (p.S - 1) * p.dilation_w / p.stride_w, 128 / p.N + 1);
    tile_columns = std::min(std::max(kTileFloats / lines, least), p.Q());
}

std::int64_t Lowering::cheapest_rows_together(const Problem& p) const {
    const std::int64_t columns = std::min(kTypicalColumns, p.Q() * p.N);
    // Not by a profile that was measured: T decides about rounding.
    static const MachineProfile profile = builtin_profile();
    const auto seconds_for = [&](std::int64_t count) {
        return product_seconds(product_work(p, count, columns), profile) /
               static_cast<double>(count);
    };
    std::int64_t best = 1;
    for (const std::int64_t count : kRowsTogether) {
        if (count > ceil_div(p.P(), chain_step)) break;
        if (seconds_for(count) < seconds_for(best)) best = count;
    }
    return best;
}

/// The lowering with its blocks: everything run() needs.
class RowLowering {
public:
    RowLowering(const Problem& problem, const Lowering& lowering, const Weights& weights)
        : p_(problem),
          l_(lowering),
          layout_(l_.layout(problem)),
          blocks_(toeplitz_blocks(problem, l_, weights.values)),
          bias_(weights.bias.begin(), weights.bias.end()) {
        const std::int64_t depth = l_.depth(p_), block = l_.block_floats(p_);
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t count = 1; count <= l_.rows_together; ++count) {
                const std::int64_t used = l_.depth(p_, count);
                for (std::int64_t s = 0; s < p_.S; ++s) {
                    products_.push_back(
                        {blocks_.data() + (g * p_.S + s) * block, depth, used, layout_.tap(p_, s)});
                }
            }
        }
    }

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* workspace) const {
        assert(run_operands_fit(p_, src, rows, dst) && workspace_fits(workspace));
        assert(rows.count <= l_.tile_rows);
        float* row = workspace + layout_.floats;
        float* result = row + tile_row_floats(p_, l_.tile_columns);
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t q = 0; q < p_.Q(); q += l_.tile_columns) {
                const Tile tile{rows.first, rows.count, q, std::min(l_.tile_columns, p_.Q() - q)};
                fill_tile(p_, layout_, src, g, tile, workspace, row);
                // No zero of a block may meet NaN or Inf.
                const bool numbers =
                    src.type != SampleType::f32 || tile_is_finite(p_, layout_, tile, workspace);
                multiply_tile(g, tile, {workspace, numbers ? l_.rows_together : 1, result}, dst);
            }
        }
        add_bias(bias_, dst);
    }

private:
    /// A tile's lines, how many output rows a product may make of them, and room for that.
    struct Lines {
        const float* first;
        std::int64_t rows_together;
        float* result;
    };
    /// The output rows of one product.
    struct ProductRows {
        std::int64_t group, count, columns;
    };
    /// Where they belong.
    struct Target {
        float* first;
        const Strides& strides;
    };

    /// All products of a tile: for each chain of output rows that share a row phase, T at a time.
    void multiply_tile(std::int64_t group, const Tile& tile, const Lines& lines,
                       TensorView<float> dst) const {
        for (std::int64_t start = 0; start < std::min(l_.chain_step, tile.rows); ++start) {
            const std::int64_t chain = ceil_div(tile.rows - start, l_.chain_step);
            const float* first = lines.first + layout_.offset(start * p_.stride_h);
            for (std::int64_t t = 0; t < chain; t += lines.rows_together) {
                const std::int64_t count = std::min(lines.rows_together, chain - t);
                const float* from = first + t * l_.line_step * layout_.line_step;
                const std::int64_t out_row = start + t * l_.chain_step;
                float* to = &dst(0, group * l_.maps, out_row, tile.first_column);
                store_product({group, count, tile.columns * p_.N}, from, {to, dst.strides},
                              lines.result);
            }
        }
    }

    /// One product. The result block's row t*maps + k is written where it belongs if those places
    /// are evenly spaced, else through a buffer.
    void store_product(const ProductRows& rows, const float* from, const Target& target,
                       float* result) const {
        const auto& [group, count, columns] = rows;
        const auto& [to, strides] = target;
        const std::int64_t row_step = strides.H * l_.chain_step;
        const bool even = l_.maps == 1 || count == 1 || row_step == l_.maps * strides.C;
        const std::int64_t spacing = l_.maps == 1 ? row_step : strides.C;
        if (even && (count * l_.maps == 1 || spacing >= columns)) {
            accumulate(group, count, from, {to, count * l_.maps, columns, spacing, 1});
            return;
        }
        accumulate(group, count, from, {result, count * l_.maps, columns, columns, 1});
        for (std::int64_t t = 0; t < count; ++t) {
            for (std::int64_t k = 0; k < l_.maps; ++k) {
                std::memcpy(to + t * row_step + k * strides.C, result + (t * l_.maps + k) * columns,
                            static_cast<std::size_t>(columns * kFloatBytes));
            }
        }
    }

    /// c = sum over s of A_s * (lines, s taps further on).
    void accumulate(std::int64_t group, std::int64_t count, const float* from,
                    MatrixView<float> c) const {
        const std::size_t taps = static_cast<std::size_t>(p_.S);
        const auto first = static_cast<std::size_t>(group * l_.rows_together + count - 1) * taps;
        sum_products(std::span(products_).subspan(first, taps), from, layout_.channel_step, c);
    }

    Problem p_;
    Lowering l_;
    TileLayout layout_;
    std::vector<float> blocks_;
    std::vector<ShiftedProduct> products_;  ///< [group][output rows - 1][s]
    std::vector<float> bias_;
};

double predicted_seconds(const Problem& p, const Lowering& l, const MachineProfile& profile) {
    const double products = static_cast<double>(p.groups) *
                            static_cast<double>(ceil_div(p.P(), l.rows_together)) *
                            static_cast<double>(p.Q()) / static_cast<double>(l.tile_columns);
    const double tiles = static_cast<double>(p.groups * ceil_div(p.P(), l.tile_rows)) *
                         static_cast<double>(p.Q()) / static_cast<double>(l.tile_columns);
    const double results = static_cast<double>(p.N * p.K * p.P()) * static_cast<double>(p.Q());
    const ProductWork work = l.product_work(p, l.rows_together, l.tile_columns * p.N);
    return products * product_seconds(work, profile) + results * kResult * profile[Step::result] +
           tiles * fill_tile_seconds(p, {0, l.tile_rows, 0, l.tile_columns}, profile);
}

}  // namespace

std::int64_t rows_together(const Problem& p) {
    return Lowering(p).rows_together;
}

Offer row_lowering_offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    const Lowering l(p);
    const Memory memory = {l.kept_bytes(p), l.workspace_bytes(p), l.tile_rows};
    const auto prepare = [p, l, memory, weights] {
        return plan_of(memory, std::make_shared<const RowLowering>(p, l, weights));
    };
    return {.seconds = predicted_seconds(p, l, profile), .memory = memory, .prepare = prepare};
}

}  // namespace conv
