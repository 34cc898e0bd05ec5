#include "cpu/fft/fft.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "base/size.hpp"
#include "cpu/fft/spectrum_product.hpp"
#include "cpu/fft/tiling.hpp"
#include "tensor/interleave.hpp"

namespace conv {
namespace {

constexpr std::int64_t kFloat = sizeof(float);
constexpr std::int64_t kBatch = TileFft::kBatch;

Memory memory_of(const Problem& p, const FftTiling& t) {
    return {static_cast<std::int64_t>(t.spectra_bytes(p)), t.workspace_floats(p) * kFloat,
            t.rows * t.row_parts};
}

/// One tile of all pictures: the outputs [row, row + rows) x [column, column + columns).
struct Unit {
    std::int64_t row = 0, rows = 0, column = 0, columns = 0;
};
using Units = std::array<Unit, 2>;

/// Parts of a thread's workspace.
struct Workspace {
    float* sheets;
    float* blocks;   ///< transformed columns of the channels
    float* sum;      ///< a block
    float* batches;  ///< rows of each tile
    float* samples;  ///< a real row of each part of each tile
    float* row;      ///< a padded row of all pictures

    Workspace(const FftTiling& t, float* memory)
        : sheets(memory),
          blocks(sheets + t.sheets * t.sheet()),
          sum(blocks + t.transforms * t.block()),
          batches(sum + t.block()),
          samples(batches + t.tiles * t.batch()),
          row(samples + 2 * t.tiles * t.width) {}
};

class FftConvolution {
public:
    FftConvolution(const Problem& problem, const FftTiling& tiling, const Weights& weights)
        : p_(problem),
          t_(tiling),
          fft_(t_.height, t_.width),
          spectra_(p_.K * p_.group_channels() * t_.spectrum()),
          bias_(weights.bias.begin(), weights.bias.end()) {
        AlignedBuffer<float> memory(t_.workspace_floats(p_));
        const Workspace workspace(t_, memory.data());
        for (std::int64_t i = 0; i < p_.K * p_.group_channels(); ++i) {
            transform_weights(weights.values.data() + i * p_.R * p_.S, workspace,
                              spectra_.data() + i * t_.spectrum());
        }
    }

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* memory) const {
        const Workspace workspace(t_, memory);
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t u = 0; u < t_.units(); u += t_.together) {
                const Units units = {unit(rows, u), t_.together == 2 && u + 1 < t_.units()
                                                        ? unit(rows, u + 1)
                                                        : Unit{}};
                if (t_.map_by_map) {
                    convolve_map_by_map(src, g, rows, units, workspace, dst);
                } else {
                    convolve_all_maps(src, g, rows, units, workspace, dst);
                }
            }
        }
    }

private:
    void convolve_all_maps(const Source& src, std::int64_t group, RowRange rows, const Units& units,
                           const Workspace& workspace, TensorView<float> dst) const {
        for (std::int64_t c = 0; c < p_.group_channels(); ++c) {
            load(src, group * p_.group_channels() + c, rows, units, workspace,
                 workspace.sheets + c * t_.sheet());
        }
        for (std::int64_t i = 0; i < t_.tiles; ++i) {
            for (std::int64_t column = 0; column < t_.width; column += kBatch) {
                convolve_columns(group, i, column, workspace);
            }
        }
        for (std::int64_t k = 0; k < p_.group_kernels(); ++k) {
            store(units, group * p_.group_kernels() + k, workspace.sheets + k * t_.sheet(),
                  workspace, dst);
        }
    }

    /// The same with one sheet, and blocks for all columns of all channels: [c][tile][column].
    void convolve_map_by_map(const Source& src, std::int64_t group, RowRange rows,
                             const Units& units, const Workspace& workspace,
                             TensorView<float> dst) const {
        const std::int64_t C = p_.group_channels(), K = p_.group_kernels();
        float* sheet = workspace.sheets;
        for (std::int64_t c = 0; c < C; ++c) {
            load(src, group * C + c, rows, units, workspace, sheet);
            for_each_block([&](std::int64_t i, std::int64_t column, std::int64_t at) {
                fft_.forward_columns(sheet + i * t_.tile() + 2 * column,
                                     workspace.blocks + c * t_.tiles * t_.spectrum() + at);
            });
        }
        for (std::int64_t map = group * K; map < (group + 1) * K; ++map) {
            const float* spectra = spectra_.data() + map * C * t_.spectrum();
            for_each_block([&](std::int64_t i, std::int64_t column, std::int64_t at) {
                multiply_spectra(workspace.blocks + at, t_.tiles * t_.spectrum(),
                                 spectra + at - i * t_.spectrum(), t_.spectrum(), C, t_.block() / 2,
                                 workspace.sum);
                fft_.inverse_columns(workspace.sum, sheet + i * t_.tile() + 2 * column);
            });
            store(units, map, sheet, workspace, dst);
        }
    }

    /// Calls f(tile, first column, place among a channel's blocks) for all of them.
    template <typename F>
    void for_each_block(F f) const {
        std::int64_t at = 0;
        for (std::int64_t i = 0; i < t_.tiles; ++i) {
            for (std::int64_t column = 0; column < t_.width; column += kBatch, at += t_.block()) {
                f(i, column, at);
            }
        }
    }

    /// conj(forward(window)) / T, block after block.
    void transform_weights(const float* window, const Workspace& workspace, float* to) const {
        float* tile = workspace.sheets;
        for (std::int64_t first = 0; first < t_.height; first += kBatch) {
            std::fill_n(workspace.batches, t_.batch(), 0.0F);
            for (std::int64_t r = 0; r < p_.R; ++r) {
                const std::int64_t h = r * p_.dilation_h - first;
                if (h < 0 || h >= kBatch) continue;
                for (std::int64_t s = 0; s < p_.S; ++s) {
                    workspace.batches[h * t_.row() + 2 * s * p_.dilation_w] = window[r * p_.S + s];
                }
            }
            fft_.forward_rows(workspace.batches, tile + first * t_.row());
        }
        const float scale = 1.0F / static_cast<float>(t_.points());
        for (std::int64_t column = 0; column < t_.width; column += kBatch, to += t_.block()) {
            fft_.forward_columns(tile + 2 * column, workspace.sum);
            split_conjugate(workspace.sum, t_.block() / 2, scale, to);
        }
    }

    /// Tile u of a block of output rows; empty where the block is shorter than usual.
    Unit unit(RowRange block, std::int64_t u) const {
        Unit unit;
        unit.column = u % t_.column_parts * t_.columns;
        unit.columns = std::min(t_.columns, p_.Q() - unit.column);
        unit.row = u / t_.column_parts * t_.rows;
        unit.rows = std::clamp<std::int64_t>(block.count - unit.row, 0, t_.rows);
        return unit;
    }

    std::int64_t rows_read(const Unit& u) const {
        return u.rows == 0 ? 0 : (u.rows - 1) * p_.stride_h + window_rows(p_);
    }
    std::int64_t columns_read(const Unit& u) const {
        return u.rows == 0 ? 0 : (u.columns - 1) * p_.stride_w + window_columns(p_);
    }

    /// Row h of a unit's padded input, picture by picture; zero where the unit has ended.
    void load_row(const Source& src, std::int64_t channel, RowRange block, const Unit& u,
                  std::int64_t h, float* row, float* to) const {
        const std::int64_t count = h < rows_read(u) ? columns_read(u) : 0;
        if (count > 0) {
            float* padded = p_.N == 1 ? to : row;
            pad_row(src, p_.border, channel,
                    (block.first + u.row) * p_.stride_h - p_.padding.top + h,
                    u.column * p_.stride_w - p_.padding.left, count, padded);
            if (p_.N > 1) deinterleave(row, p_.N, count, to, t_.width);
        }
        for (std::int64_t n = 0; n < p_.N; ++n, to += t_.width) {
            std::fill(to + count, to + t_.width, 0.0F);
        }
    }

    /// Asks for a row that load_row will want: tiles are too narrow for the processor to see it
    /// come.
    void prefetch_row(const Source& src, std::int64_t channel, RowRange block, const Unit& u,
                      std::int64_t h) const {
        const std::int64_t row = (block.first + u.row) * p_.stride_h - p_.padding.top + h;
        const std::int64_t column = u.column * p_.stride_w - p_.padding.left;
        if (h >= rows_read(u) || row < 0 || row >= p_.H) return;
        const std::int64_t first = std::clamp<std::int64_t>(column, 0, p_.W);
        const std::int64_t end = std::clamp<std::int64_t>(column + columns_read(u), 0, p_.W);
        src.prefetch_row(channel, row, first, end - first);
    }

    /// Row h of all pictures of both units, two by two the parts of complex rows.
    void load_rows(const Source& src, std::int64_t channel, RowRange block, const Units& units,
                   std::int64_t h, const Workspace& workspace) const {
        float* samples = workspace.samples;
        for (std::int64_t i = 0; i < t_.together; ++i, samples += p_.N * t_.width) {
            const Unit& u = units[static_cast<std::size_t>(i)];
            prefetch_row(src, channel, block, u, h + kBatch);
            load_row(src, channel, block, u, h, workspace.row, samples);
        }
        if (t_.together * p_.N % 2 == 1) std::fill_n(samples, t_.width, 0.0F);
        for (std::int64_t i = 0; i < t_.tiles; ++i) {
            interleave(workspace.samples + 2 * i * t_.width, t_.width, 2, t_.width, 0.0F,
                       workspace.batches + i * t_.batch() + h % kBatch * t_.row());
        }
    }

    /// The transformed rows of both units.
    void load(const Source& src, std::int64_t channel, RowRange block, const Units& units,
              const Workspace& workspace, float* sheet) const {
        const std::int64_t rows = std::max(rows_read(units[0]), rows_read(units[1]));
        for (std::int64_t h = 0; h < rows; ++h) {
            load_rows(src, channel, block, units, h, workspace);
            if ((h + 1) % kBatch != 0 && h + 1 < rows) continue;
            for (std::int64_t i = 0; i < t_.tiles; ++i) {
                float* batch = workspace.batches + i * t_.batch();
                std::fill(batch + (h % kBatch + 1) * t_.row(), batch + t_.batch(), 0.0F);
                fft_.forward_rows(batch, sheet + i * t_.tile() + h / kBatch * t_.batch());
            }
        }
        for (std::int64_t i = 0; i < t_.tiles; ++i, sheet += t_.tile()) {
            std::fill(sheet + round_up(rows, kBatch) * t_.row(), sheet + t_.tile(), 0.0F);
        }
    }

    /// Columns [column, column + kBatch) of tile i in all sheets: transformed, multiplied, summed
    /// over the channels and transformed back, into the sheet of each map. Those were channels'
    /// sheets, but of these columns every channel is in its block by then.
    void convolve_columns(std::int64_t group, std::int64_t i, std::int64_t column,
                          const Workspace& workspace) const {
        const std::int64_t C = p_.group_channels(), K = p_.group_kernels();
        float* columns = workspace.sheets + i * t_.tile() + 2 * column;
        for (std::int64_t c = 0; c < C; ++c) {
            fft_.forward_columns(columns + c * t_.sheet(), workspace.blocks + c * t_.block());
        }
        const float* spectra = spectra_.data() + column / kBatch * t_.block();
        for (std::int64_t k = 0; k < K; ++k) {
            multiply_spectra(workspace.blocks, t_.block(),
                             spectra + (group * K + k) * C * t_.spectrum(), t_.spectrum(), C,
                             t_.block() / 2, workspace.sum);
            fft_.inverse_columns(workspace.sum, columns + k * t_.sheet());
        }
    }

    /// The outputs of both units, of the rows that a stride asks for.
    void store(const Units& units, std::int64_t map, const float* sheet, const Workspace& workspace,
               TensorView<float> dst) const {
        const std::int64_t rows = std::max(units[0].rows, units[1].rows);
        std::int64_t transformed = 0;
        for (std::int64_t p = 0; p < rows; ++p) {
            const std::int64_t h = p * p_.stride_h;
            if (h >= transformed) {
                transformed = h / kBatch * kBatch + kBatch;
                for (std::int64_t i = 0; i < t_.tiles; ++i) {
                    fft_.inverse_rows(sheet + i * t_.tile() + h / kBatch * t_.batch(),
                                      workspace.batches + i * t_.batch());
                }
            }
            for (std::int64_t i = 0; i < t_.tiles; ++i) {
                deinterleave(workspace.batches + i * t_.batch() + h % kBatch * t_.row(), 2,
                             t_.width, workspace.samples + 2 * i * t_.width, t_.width);
            }
            float* samples = workspace.samples;
            for (const Unit& u : units) {
                if (p < u.rows) store_row(u, map, p, samples, dst);
                samples += p_.N * t_.width;
            }
        }
    }

    void store_row(const Unit& u, std::int64_t map, std::int64_t h, float* row,
                   TensorView<float> dst) const {
        for (std::int64_t n = 0; p_.stride_w > 1 && n < p_.N; ++n) {
            float* samples = row + n * t_.width;
            for (std::int64_t q = 0; q < u.columns; ++q) samples[q] = samples[q * p_.stride_w];
        }
        const float bias = bias_.empty() ? 0.0F : bias_[static_cast<std::size_t>(map)];
        interleave(row, t_.width, p_.N, u.columns, bias, &dst(0, map, u.row + h, u.column));
    }

    Problem p_;
    FftTiling t_;
    TileFft fft_;
    AlignedBuffer<float> spectra_;
    std::vector<float> bias_;
};

std::string rejection(const Problem& p) {
    if (!p.finite) return "NaN or Inf would spread over whole tiles";
    if (std::max(window_rows(p), window_columns(p)) > kLongestTile) {
        return fmt::format("the kernel spans {} x {} pixels, tiles are up to {}", window_rows(p),
                           window_columns(p), kLongestTile);
    }
    return {};
}

double error_factor(const Problem& p, const FftTiling& t) {
    const double passes = std::log2(static_cast<double>(t.points()));
    const auto n = static_cast<double>(p.group_channels() * p.R * p.S);
    return std::max(1.0, 0.75 * std::sqrt(3 * passes / n));
}

Offer offer(const Problem& p, const Weights& weights) {
    if (std::string reason = rejection(p); !reason.empty()) return refuse(std::move(reason));
    const FftTiling tiling = choose_fft_tiling(p);
    if (std::isinf(tiling.seconds)) {
        return refuse(fmt::format("the transforms of {} kernels would take more than {}",
                                  p.K * p.group_channels(),
                                  format_bytes(static_cast<std::int64_t>(kMostSpectraBytes))));
    }
    const Memory memory = memory_of(p, tiling);
    const auto prepare = [p, tiling, memory, weights] {
        return plan_of(memory, std::make_shared<const FftConvolution>(p, tiling, weights));
    };
    return {.seconds = tiling.seconds,
            .error_factor = error_factor(p, tiling),
            .memory = memory,
            .prepare = prepare};
}

}  // namespace

Method fft_method() {
    return {.name = "fft",
            .summary = "Fourier transforms of overlapping tiles (FFTW), for large kernels",
            .offer = offer};
}

}  // namespace conv
