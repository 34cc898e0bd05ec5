#include "cpu/fft/fft.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>
#include <optional>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "base/size.hpp"
#include "conv/local_error.hpp"
#include "conv/run_contract.hpp"
#include "cpu/fft/cell_rows.hpp"
#include "cpu/fft/spectrum_product.hpp"
#include "cpu/fft/tile_checks.hpp"
#include "cpu/fft/tiling.hpp"
#include "tensor/interleave.hpp"

namespace conv {
namespace {

constexpr std::int64_t kBatch = TileFft::kBatch;

/// `all` has the maps that are transformed.
Memory memory_of(const Problem& p, const Problem& all, const FftTiling& t) {
    return {static_cast<std::int64_t>(t.spectra_bytes(all)) + TileChecks::kept_bytes(p, t),
            (t.workspace_floats(p) + TileChecks::workspace_floats(p, t)) * kFloatBytes,
            t.rows * t.row_parts};
}

/// Parts of a thread's workspace.
struct Workspace {
    float* sheets;
    float* blocks;   ///< transformed columns of the channels
    float* sum;      ///< a block
    float* batches;  ///< rows of each tile
    float* samples;  ///< a real row of each part of each tile
    float* row;      ///< a padded row of all pictures
    float* checks;   ///< for TileChecks

    Workspace(const Problem& p, const FftTiling& t, float* memory)
        : sheets(memory),
          blocks(sheets + t.sheets * t.sheet()),
          sum(blocks + t.transforms * t.block()),
          batches(sum + t.block()),
          samples(batches + t.tiles * t.batch()),
          row(samples + 2 * t.tiles * t.width),
          checks(memory + t.workspace_floats(p)) {}
};

class FftConvolution {
public:
    FftConvolution(const Problem& problem, const FftTiling& tiling, const Weights& weights)
        : p_(problem),
          yardsticks_(has_yardsticks(problem, weights)),
          t_(tiling),
          rows_(problem, t_),
          checks_(problem, weights, t_),
          fft_(t_.height, t_.width),
          spectra_(p_.K * (yardsticks_ ? 2 : 1) * p_.group_channels() * t_.spectrum()),
          bias_(weights.bias.begin(), weights.bias.end()) {
        AlignedBuffer<float> memory(t_.workspace_floats(p_));
        const Workspace workspace(p_, t_, memory.data());
        const std::int64_t C = p_.group_channels(), each = C * p_.R * p_.S;
        for (std::int64_t k = 0; k < p_.K; ++k) {
            transform_map(weights.values.data() + k * each, workspace, spectra_of(k, 0));
            if (!yardsticks_) continue;
            std::vector<float> sizes(weights.values.begin() + k * each,
                                     weights.values.begin() + (k + 1) * each);
            for (float& w : sizes) w = std::abs(w);
            transform_map(sizes.data(), workspace, spectra_of(k, 1));
        }
    }

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* memory) const {
        assert(run_operands_fit(p_, src, rows, dst) && workspace_fits(memory));
        assert(rows.count <= t_.rows * t_.row_parts);
        const Workspace workspace(p_, t_, memory);
        const bool checked = checks_.wanted(src);
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t u = 0; u < t_.units(); u += t_.together) {
                Input input{src, rows, g, {rows_.unit(rows, u), {}}, std::nullopt};
                if (t_.together == 2 && u + 1 < t_.units())
                    input.units[1] = rows_.unit(rows, u + 1);
                if (checked)
                    input.looked = checks_.look(src, g, rows, input.units, workspace.checks);
                if (signs(input)) {
                    input.sizes = true;
                    convolve(input, workspace, dst);
                    input.sizes = false;
                }
                if (!input.looked || !input.looked->zero) convolve(input, workspace, dst);
                if (input.looked) checks_.mend(src, *input.looked, dst);
            }
        }
    }

private:
    /// What is transformed together.
    struct Input {
        const Source& src;
        RowRange block;
        std::int64_t group;
        Units units;
        std::optional<TileChecks::State> looked;
        bool sizes = false;  ///< |x| in place of x, for the checks alone
    };

    void convolve(const Input& input, const Workspace& workspace, TensorView<float> dst) const {
        if (t_.map_by_map) return convolve_map_by_map(input, workspace, dst);
        convolve_all_maps(input, workspace, dst);
    }

    void convolve_all_maps(const Input& input, const Workspace& workspace,
                           TensorView<float> dst) const {
        for (std::int64_t c = 0; c < p_.group_channels(); ++c) {
            load(input, c, workspace, workspace.sheets + c * t_.sheet());
        }
        for (std::int64_t i = 0; i < t_.tiles; ++i) {
            for (std::int64_t column = 0; column < t_.width; column += kBatch) {
                convolve_columns(input, i, column, workspace);
            }
        }
        const auto [first, end] = maps(input);
        for (std::int64_t k = first; k < end; ++k) {
            take(input, k, workspace.sheets + k * t_.sheet(), workspace, dst);
        }
    }

    /// The same with one sheet, and blocks for all columns of all channels: [c][tile][column].
    void convolve_map_by_map(const Input& input, const Workspace& workspace,
                             TensorView<float> dst) const {
        const std::int64_t C = p_.group_channels();
        float* sheet = workspace.sheets;
        for (std::int64_t c = 0; c < C; ++c) {
            load(input, c, workspace, sheet);
            for_each_block([&](std::int64_t i, std::int64_t column, std::int64_t at) {
                fft_.forward_columns(sheet + i * t_.tile() + 2 * column,
                                     workspace.blocks + c * t_.tiles * t_.spectrum() + at);
            });
        }
        const auto [first, end] = maps(input);
        for (std::int64_t k = first; k < end; ++k) {
            const float* spectra = map_spectra(input.group, k);
            for_each_block([&](std::int64_t i, std::int64_t column, std::int64_t at) {
                multiply_spectra(workspace.blocks + at, t_.tiles * t_.spectrum(),
                                 spectra + at - i * t_.spectrum(), t_.spectrum(), C, t_.block() / 2,
                                 workspace.sum);
                fft_.inverse_columns(workspace.sum, sheet + i * t_.tile() + 2 * column);
            });
            take(input, k, sheet, workspace, dst);
        }
    }

    /// Maps of a group, from `first` on to before `end`: the kernels, and then the yardstick.
    struct MapRange {
        std::int64_t first, end;
    };
    /// Those that are computed. Samples of both signs take the yardstick apart, with their sizes.
    MapRange maps(const Input& input) const {
        const std::int64_t K = p_.group_kernels();
        if (input.sizes) return yardsticks_ ? MapRange{K, K + 1} : MapRange{0, K};
        return {0, K + (yardsticks_ && by_results(input) && !signs(input) ? 1 : 0)};
    }
    /// Spectra of all channels of kernel k (0) or of its yardstick (1).
    float* spectra_of(std::int64_t k, std::int64_t yardstick) {
        const std::int64_t at = yardsticks_ ? 2 * k + yardstick : k;
        return spectra_.data() + at * p_.group_channels() * t_.spectrum();
    }
    /// The same of map i of a group.
    const float* map_spectra(std::int64_t group, std::int64_t i) const {
        const std::int64_t first = group * p_.group_kernels() * (yardsticks_ ? 2 : 1);
        return spectra_.data() + (first + i) * p_.group_channels() * t_.spectrum();
    }
    static bool by_results(const Input& input) {
        return input.looked && (input.looked->by_results[0] || input.looked->by_results[1]);
    }
    static bool signs(const Input& input) { return by_results(input) && input.looked->signs; }

    /// Stores a map, or lets the checks see a yardstick.
    void take(const Input& input, std::int64_t k, const float* sheet, const Workspace& workspace,
              TensorView<float> dst) const {
        const bool yardstick = k == p_.group_kernels();
        const bool seen = input.sizes || (!signs(input) && (yardstick || !yardsticks_));
        for_each_result_row(
            input, sheet, workspace, [&](std::int64_t i, std::int64_t h, float* row) {
                const std::int64_t map = input.group * p_.group_kernels() + (yardstick ? 0 : k);
                for (std::int64_t n = 0; n < p_.N; ++n) finish_row(input, i, n, row + n * t_.width);
                if (seen) see_row(input, i, map, h, row);
                if (!yardstick && !input.sizes) store_row(input, i, map, h, row, dst);
            });
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

    void transform_map(const float* weights, const Workspace& workspace, float* to) const {
        for (std::int64_t c = 0; c < p_.group_channels(); ++c) {
            transform_weights(weights + c * p_.R * p_.S, workspace, to + c * t_.spectrum());
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

    /// Row h of all pictures of both units, two by two the parts of complex rows.
    void load_rows(const Input& input, std::int64_t channel, std::int64_t h,
                   const Workspace& workspace) const {
        float* samples = workspace.samples;
        for (std::int64_t i = 0; i < t_.together; ++i) {
            const Unit& u = input.units[static_cast<std::size_t>(i)];
            rows_.prefetch(input.src, channel, input.block, u, h + kBatch);
            rows_.load(input.src, channel, input.block, u, h, workspace.row, samples);
            if (input.sizes) {
                for (std::int64_t w = 0; w < p_.N * t_.width; ++w)
                    samples[w] = std::abs(samples[w]);
            }
            for (std::int64_t n = 0; n < p_.N; ++n, samples += t_.width) {
                if (!input.looked) continue;
                const TileChecks::Lane& lane = checks_.lane(*input.looked, i * p_.N + n);
                if (lane.scale == 1 && lane.finite) continue;
                scale_row(samples, rows_.columns(u), lane.scale, lane.finite);
            }
        }
        if (t_.together * p_.N % 2 == 1) std::fill_n(samples, t_.width, 0.0F);
        for (std::int64_t i = 0; i < t_.tiles; ++i) {
            interleave(workspace.samples + 2 * i * t_.width, t_.width, 2, t_.width, 0.0F,
                       workspace.batches + i * t_.batch() + h % kBatch * t_.row());
        }
    }

    /// The transformed rows of channel c of the group, of both units.
    void load(const Input& input, std::int64_t c, const Workspace& workspace, float* sheet) const {
        const std::int64_t channel = input.group * p_.group_channels() + c;
        const std::int64_t rows = std::max(rows_.rows(input.units[0]), rows_.rows(input.units[1]));
        for (std::int64_t h = 0; h < rows; ++h) {
            load_rows(input, channel, h, workspace);
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
    void convolve_columns(const Input& input, std::int64_t i, std::int64_t column,
                          const Workspace& workspace) const {
        const std::int64_t C = p_.group_channels();
        float* columns = workspace.sheets + i * t_.tile() + 2 * column;
        for (std::int64_t c = 0; c < C; ++c) {
            fft_.forward_columns(columns + c * t_.sheet(), workspace.blocks + c * t_.block());
        }
        const auto [first, end] = maps(input);
        for (std::int64_t k = first; k < end; ++k) {
            multiply_spectra(workspace.blocks, t_.block(),
                             map_spectra(input.group, k) + column / kBatch * t_.block(),
                             t_.spectrum(), C, t_.block() / 2, workspace.sum);
            fft_.inverse_columns(workspace.sum, columns + k * t_.sheet());
        }
    }

    /// Calls f(unit, h, samples) for the output rows of a map, of both units, that a stride asks
    /// for.
    template <typename F>
    void for_each_result_row(const Input& input, const float* sheet, const Workspace& workspace,
                             F f) const {
        const std::int64_t rows = std::max(input.units[0].rows, input.units[1].rows);
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
            for (std::int64_t i = 0; i < t_.together; ++i) {
                if (p >= input.units[static_cast<std::size_t>(i)].rows) continue;
                f(i, p, workspace.samples + i * p_.N * t_.width);
            }
        }
    }

    /// The results of picture n in a row of unit i: those of a stride, in their scale.
    void finish_row(const Input& input, std::int64_t i, std::int64_t n, float* samples) const {
        const Unit& u = input.units[static_cast<std::size_t>(i)];
        for (std::int64_t q = 0; p_.stride_w > 1 && q < u.columns; ++q) {
            samples[q] = samples[q * p_.stride_w];
        }
        if (!input.looked) return;
        const float back = checks_.lane(*input.looked, i * p_.N + n).back;
        if (back != 1) scale_row(samples, u.columns, back, true);
    }

    void see_row(const Input& input, std::int64_t i, std::int64_t map, std::int64_t h,
                 const float* row) const {
        for (std::int64_t n = 0; input.looked && n < p_.N; ++n) {
            checks_.add_results(*input.looked, i, n, map, h, row + n * t_.width);
        }
    }

    /// Row h of unit i.
    void store_row(const Input& input, std::int64_t i, std::int64_t map, std::int64_t h,
                   const float* row, TensorView<float> dst) const {
        const Unit& u = input.units[static_cast<std::size_t>(i)];
        const float bias = bias_.empty() ? 0.0F : bias_[static_cast<std::size_t>(map)];
        interleave(row, t_.width, p_.N, u.columns, bias, &dst(0, map, u.row + h, u.column));
    }

    Problem p_;
    bool yardsticks_;
    FftTiling t_;
    UnitRows rows_;
    TileChecks checks_;
    TileFft fft_;
    AlignedBuffer<float> spectra_;
    std::vector<float> bias_;
};

std::string rejection(const Problem& p) {
    if (std::max(window_rows(p), window_columns(p)) > kLongestTile) {
        return fmt::format("the kernel spans {} x {} pixels, tiles are up to {}", window_rows(p),
                           window_columns(p), kLongestTile);
    }
    return {};
}

/// The local error itself is what holds: eps * n times this.
double error_factor(const Problem& p) {
    constexpr double kEpsilon = 1.0 / (1 << 23);
    const auto n = static_cast<double>(p.group_channels() * p.R * p.S);
    return std::max(1.0, kLocalError / (kEpsilon * n));
}

Offer offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    if (std::string reason = rejection(p); !reason.empty()) return refuse(std::move(reason));
    const FftTiling tiling = choose_fft_tiling(p, weights);
    if (std::isinf(tiling.cost())) {
        return refuse(fmt::format("the transforms of {} kernels would take more than {}",
                                  p.K * p.group_channels(),
                                  format_bytes(static_cast<std::int64_t>(kMostSpectraBytes))));
    }
    const Memory memory = memory_of(p, transformed(p, weights), tiling);
    const auto prepare = [p, tiling, memory, weights] {
        return plan_of(memory, std::make_shared<const FftConvolution>(p, tiling, weights));
    };
    return {.seconds = tiling.seconds(profile),
            .error_factor = error_factor(p),
            .memory = memory,
            .prepare = prepare};
}

}  // namespace

Method fft_method(const MachineProfile& profile) {
    return {.name = "fft",
            .summary = "Fourier transforms of overlapping tiles (FFTW), for large kernels",
            .offer = [profile](const Problem& p, const Weights& weights) {
                return offer(p, weights, profile);
            }};
}

}  // namespace conv
