#include "cpu/igemm/igemm.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>

#include "base/error.hpp"
#include "base/size.hpp"
#include "conv/run_contract.hpp"
#include "cpu/igemm/layout.hpp"
#include "cpu/igemm/results.hpp"
#include "cpu/tile/lanes.hpp"
#include "tensor/border.hpp"

namespace conv {
namespace {

/// Where the parts of a workspace start, and what a line of samples takes, in bytes: cells first.
struct Scratch {
    std::int64_t line, rows, zeros, row, digits, end;

    Scratch(const Problem& p, const CellLayout& layout)
        : line(layout.line_cells * static_cast<std::int64_t>(sample_bytes(layout.kernel.type))),
          rows(layout.cells(p) * static_cast<std::int64_t>(sizeof(std::uint32_t))),
          zeros(rows + layout.padded_lines() * p.stride_w * line),
          row(zeros + line),
          digits(row + line * p.stride_w),
          end(digits + layout.kernel.digits * layout.kernel.rows * layout.line_cells *
                           static_cast<std::int64_t>(sizeof(std::int32_t))) {}
};

/// Column w of a row, N samples, becomes column w / stride_w of phase w % stride_w.
template <typename T>
void split_phases(const Problem& p, const T* row, std::int64_t width, T* to,
                  std::int64_t phase_step) {
    for (std::int64_t w = 0; w < width; ++w) {
        T* out = to + w % p.stride_w * phase_step + w / p.stride_w * p.N;
        std::copy_n(row + w * p.N, p.N, out);
    }
}

/// A tile of outputs and one of its chains.
struct Chain {
    const Tile& tile;
    std::int64_t start;  ///< its first row in the tile
    std::int64_t rows;   ///< of the chain
};

class CellSum {
public:
    CellSum(const Problem& problem, WholeWeights weights, CellLayout layout)
        : p_(problem),
          whole_(std::move(weights)),
          layout_(std::move(layout)),
          scratch_(problem, layout_),
          weights_(cell_weights(problem, layout_, whole_.values)),
          bias_(total_bias()) {}

    /// Whether sums of 32 bits and float32 quotients give the bytes.
    bool rounds_bytes() const {
        constexpr std::int64_t kMostQuotient = 65535;
        return layout_.kernel.bytes &&
               whole_.largest_sum <= std::numeric_limits<std::int32_t>::max() &&
               (quotient_form() != ByteQuotient::Form::quotient ||
                whole_.denominator <= kMostQuotient);
    }

    Lost run_u8(const Source& src, RowRange rows, TensorView<std::uint8_t> dst,
                std::byte* workspace) const {
        assert(run_operands_fit(p_, src, rows, dst) && workspace_fits(workspace));
        assert(rows.count <= layout_.rows);
        Lost lost;
        for_each_strip(src, rows, workspace, [&](const CellSums& sums, const Place& to) {
            const ByteQuotient quotient{quotient_form(), static_cast<float>(whole_.denominator),
                                        whole_.bias[static_cast<std::size_t>(to.map)],
                                        whole_.fits_bytes};
            lost += layout_.kernel.bytes(sums, quotient, &dst(0, to.map, to.row, to.column),
                                         dst.strides.H * layout_.chain_step);
        });
        return lost;
    }

    void run(const Source& src, RowRange rows, TensorView<float> dst, std::byte* workspace) const {
        assert(run_operands_fit(p_, src, rows, dst) && workspace_fits(workspace));
        assert(rows.count <= layout_.rows);
        auto* digits = reinterpret_cast<std::int32_t*>(workspace + scratch_.digits);
        const std::int64_t high = layout_.kernel.rows * layout_.line_cells;
        for_each_strip(src, rows, workspace, [&](const CellSums& sums, const Place& to) {
            layout_.kernel.digit_sums(sums, digits, layout_.line_cells);
            for (std::int64_t t = 0; t < sums.rows; ++t) {
                const std::int32_t* low = digits + t * layout_.line_cells;
                store_results({low, layout_.kernel.digits == 2 ? low + high : nullptr,
                               bias_[static_cast<std::size_t>(to.map)], whole_.denominator,
                               layout_.kernel.type},
                              p_.facts.results, sums.columns,
                              &dst(0, to.map, to.row + t * layout_.chain_step, to.column));
            }
        });
    }

private:
    /// Where a strip's results belong.
    struct Place {
        std::int64_t map, row, column;
    };

    /// A product with the inverse in float32 is off by less than 2^-23 of itself, that is by less
    /// than 1 / (2 * 16384) where results fit. Results lie 1 / (2 * denominator) or more from ties,
    /// and an odd denominator has none.
    ByteQuotient::Form quotient_form() const {
        constexpr std::int64_t kMostOdd = 16383, kMostPower = 65536;
        const auto denominator = static_cast<std::uint64_t>(whole_.denominator);
        if (denominator == 1) return ByteQuotient::Form::whole;
        const bool power = std::has_single_bit(denominator) && denominator <= kMostPower;
        const bool odd = denominator % 2 == 1 && denominator <= kMostOdd;
        return power || odd || !whole_.exact ? ByteQuotient::Form::product
                                             : ByteQuotient::Form::quotient;
    }

    /// The kernel's bias, and what words that are summed less kWordOffset leave out.
    std::vector<std::int64_t> total_bias() const {
        std::vector<std::int64_t> total(whole_.bias.begin(), whole_.bias.end());
        if (layout_.kernel.type != SampleType::u16) return total;
        const auto each = static_cast<std::int64_t>(whole_.values.size() / total.size());
        auto map = whole_.values.begin();
        for (std::int64_t& bias : total) {
            bias += std::int64_t{kWordOffset} * std::accumulate(map, map + each, std::int64_t{0});
            map += each;
        }
        return total;
    }

    template <typename Store>
    void for_each_strip(const Source& src, RowRange rows, std::byte* workspace,
                        const Store& store) const {
        std::memset(workspace + scratch_.zeros, 0, static_cast<std::size_t>(scratch_.line));
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t q = 0; q < p_.Q(); q += layout_.columns) {
                const Tile tile{rows.first, rows.count, q, std::min(layout_.columns, p_.Q() - q)};
                for (std::int64_t i = 0; i < std::min(layout_.chain_step, rows.count); ++i) {
                    const Chain chain{tile, i, layout_.chain_rows(rows.count - i)};
                    fill_cells(src, g, chain, workspace);
                    sum_chain(g, chain, reinterpret_cast<const std::uint32_t*>(workspace), store);
                }
            }
        }
    }

    template <typename Store>
    void sum_chain(std::int64_t group, const Chain& chain, const std::uint32_t* cells,
                   const Store& store) const {
        const std::int64_t together = layout_.kernel.rows;
        const std::int64_t strip_cells =
            together * layout_.row_step / layout_.line_rows * layout_.line_cells;
        const std::int64_t each = layout_.map_weights();
        for (std::int64_t t = 0; t < chain.rows; t += together) {
            for (std::int64_t k = group * p_.group_kernels(); k < (group + 1) * p_.group_kernels();
                 ++k) {
                const CellSums sums{cells + t / together * strip_cells,
                                    layout_.lines,
                                    layout_.taps,
                                    weights_.data() + k * each,
                                    std::min(together, chain.rows - t),
                                    chain.tile.columns * p_.N};
                store(sums,
                      Place{k, chain.start + t * layout_.chain_step, chain.tile.first_column});
            }
        }
    }

    /// Pads the rows that a chain reads and packs them into cells, channel by channel.
    void fill_cells(const Source& src, std::int64_t group, const Chain& chain,
                    std::byte* workspace) const {
        auto* cells = reinterpret_cast<std::uint32_t*>(workspace);
        for (std::int64_t c = 0; c < p_.group_channels(); ++c) {
            const std::int64_t channel = group * p_.group_channels() + c;
            if (layout_.kernel.type == SampleType::u16) {
                pad_rows<std::uint16_t>(src, channel, chain, workspace);
            } else {
                pad_rows<std::uint8_t>(src, channel, chain, workspace);
            }
            pack_lines(chain, workspace,
                       cells + c * p_.stride_w * layout_.channel_lines * layout_.line_cells);
        }
    }

    template <typename T>
    void pad_rows(const Source& src, std::int64_t channel, const Chain& chain,
                  std::byte* workspace) const {
        auto* rows = reinterpret_cast<T*>(workspace + scratch_.rows);
        auto* row = reinterpret_cast<T*>(workspace + scratch_.row);
        const std::int64_t first_h =
            (chain.tile.first_row + chain.start) * p_.stride_h - p_.padding.top;
        const std::int64_t first_w = chain.tile.first_column * p_.stride_w - p_.padding.left;
        const std::int64_t width = columns_touched(p_, chain.tile.columns);
        for (std::int64_t i = 0; i < layout_.chain_lines(p_, chain.rows); ++i) {
            T* to = rows + i * p_.stride_w * layout_.line_cells;
            T* padded = p_.stride_w == 1 ? to : row;
            pad_row(src, p_.border, channel, first_h + i * p_.dilation_h, first_w, width, padded);
            if (p_.stride_w > 1) split_phases(p_, row, width, to, layout_.line_cells);
        }
    }

    void pack_lines(const Chain& chain, const std::byte* workspace, std::uint32_t* cells) const {
        const std::int64_t count = layout_.chain_lines(p_, chain.rows);
        const auto line = [&](std::int64_t i, std::int64_t phase) {
            return workspace + (i < count
                                    ? scratch_.rows + (i * p_.stride_w + phase) * scratch_.line
                                    : scratch_.zeros);
        };
        const std::int64_t neighbour =
            layout_.neighbour * static_cast<std::int64_t>(sample_bytes(layout_.kernel.type));
        const std::int64_t width =
            ceil_div(columns_touched(p_, chain.tile.columns), p_.stride_w) * p_.N;
        const std::int64_t strips = ceil_div(chain.rows, layout_.kernel.rows);
        const std::int64_t last = ((strips - 1) * layout_.kernel.rows * layout_.row_step +
                                   (layout_.strip_lines - 1) * layout_.height) /
                                  layout_.line_rows;
        for (std::int64_t phase = 0; phase < p_.stride_w; ++phase) {
            for (std::int64_t i = 0; i <= last; ++i) {
                const std::byte* packed[4];
                for (std::int64_t j = 0; j < layout_.kernel.samples; ++j) {
                    packed[j] = layout_.form == CellForm::row
                                    ? line(i * layout_.line_rows, phase) + j * neighbour
                                    : line(i * layout_.line_rows + j, phase);
                }
                layout_.kernel.pack(
                    packed, width,
                    cells + (phase * layout_.channel_lines + i) * layout_.line_cells);
            }
        }
    }

    Problem p_;
    WholeWeights whole_;
    CellLayout layout_;
    Scratch scratch_;
    std::vector<std::uint32_t> weights_;
    std::vector<std::int64_t> bias_;
};

double seconds(const Problem& p, const CellLayout& layout, const MachineProfile& profile) {
    const auto results = static_cast<double>(p.N * p.K * p.P()) * static_cast<double>(p.Q());
    const bool bytes = p.facts.results == SampleType::u8 && p.K == 1;
    const double add = profile[Step::cell_vector] / static_cast<double>(vector_lanes());
    // Two digits are joined before they are rounded; words are twice as much to read and to store.
    const double more = layout.kernel.type == SampleType::u16 ? 2
                        : layout.kernel.digits == 2           ? 1.5
                                                              : 1;
    return results *
           (layout.work * add + more * profile[bytes ? Step::cell_byte : Step::cell_float]);
}

Plan prepare(const Memory& memory, const std::shared_ptr<const CellSum>& sum) {
    Plan plan;
    plan.workspace_bytes = memory.workspace;
    plan.kept_bytes = memory.kept;
    plan.block_rows = memory.block_rows;
    plan.run = [sum](const Source& src, RowRange rows, TensorView<float> dst, float* workspace) {
        sum->run(src, rows, dst, reinterpret_cast<std::byte*>(workspace));
    };
    if (!sum->rounds_bytes()) return plan;
    plan.run_u8 = [sum](const Source& src, RowRange rows, TensorView<std::uint8_t> dst,
                        float* workspace) {
        return sum->run_u8(src, rows, dst, reinterpret_cast<std::byte*>(workspace));
    };
    return plan;
}

Offer offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    WholeWeights whole = whole_weights(p, weights);
    if (!whole.refusal.empty()) return refuse(std::move(whole.refusal));
    const CellLayout layout(p, choose_cells(p, whole));
    const Memory memory{.kept = layout.weight_bytes(p),
                        .workspace = Scratch(p, layout).end,
                        .block_rows = layout.rows};
    return {.seconds = seconds(p, layout, profile), .memory = memory, .prepare = [=] {
                return prepare(memory, std::make_shared<const CellSum>(p, whole, layout));
            }};
}

}  // namespace

Method igemm_method(const MachineProfile& profile) {
    return {.name = "igemm",
            .summary =
                "8- and 16-bit pictures in whole numbers: gemm's Toeplitz block in integers, exact",
            .offer = [profile](const Problem& p, const Weights& weights) {
                return offer(p, weights, profile);
            }};
}

}  // namespace conv
