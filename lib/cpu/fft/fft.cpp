#include "cpu/fft/fft.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>

#include "base/error.hpp"
#include "base/size.hpp"
#include "conv/local_error.hpp"
#include "conv/run_contract.hpp"
#include "cpu/fft/map_spectra.hpp"
#include "cpu/fft/sheet_loader.hpp"
#include "cpu/fft/sheet_results.hpp"

namespace conv {
namespace {

constexpr std::int64_t kBatch = TileFft::kBatch;

/// `all` has the maps that are transformed.
Memory memory_of(const Problem& p, const Problem& all, const FftTiling& t) {
    return {static_cast<std::int64_t>(t.spectra_bytes(all)) + TileChecks::kept_bytes(p, t),
            (t.workspace_floats(p) + TileChecks::workspace_floats(p, t)) * kFloatBytes,
            t.rows * t.row_parts};
}

class FftConvolution {
public:
    FftConvolution(const Problem& problem, const FftTiling& tiling, const Weights& weights)
        : parts_(problem, weights, tiling),
          spectra_(parts_, weights),
          loader_(parts_),
          results_(parts_, weights) {}
    FftConvolution(const FftConvolution&) = delete;  // its steps refer to its parts
    FftConvolution& operator=(const FftConvolution&) = delete;

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* memory) const {
        assert(run_operands_fit(p_, src, rows, dst) && workspace_fits(memory));
        assert(rows.count <= t_.rows * t_.row_parts);
        const FftWorkspace workspace(p_, t_, memory);
        const bool checked = parts_.checks.wanted(src);
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t u = 0; u < t_.units(); u += t_.together) {
                TileInput input{{src, rows, g, {parts_.rows.unit(rows, u), {}}}};
                if (t_.together == 2 && u + 1 < t_.units())
                    input.pair.units[1] = parts_.rows.unit(rows, u + 1);
                if (checked) input.looked.emplace(parts_.checks.look(input.pair, workspace.checks));
                run_pair(input, workspace, dst);
            }
        }
    }

private:
    void run_pair(TileInput& input, const FftWorkspace& workspace, TensorView<float> dst) const {
        if (!input.looked || !input.looked->zero) convolve(input, workspace, dst);
        if (input.sizes_differ(parts_.yardsticks) && !input.looked->zero &&
            parts_.checks.wants_sizes(*input.looked)) {
            input.sizes = true;
            convolve(input, workspace, dst);
            input.sizes = false;
        }
        if (input.looked) parts_.checks.mend(*input.looked, dst);
    }

    void convolve(const TileInput& input, const FftWorkspace& workspace,
                  TensorView<float> dst) const {
        if (t_.map_by_map) return convolve_map_by_map(input, workspace, dst);
        convolve_all_maps(input, workspace, dst);
    }

    void convolve_all_maps(const TileInput& input, const FftWorkspace& workspace,
                           TensorView<float> dst) const {
        for (std::int64_t c = 0; c < p_.group_channels(); ++c) {
            loader_.load(input, c, workspace, workspace.sheets + c * t_.sheet());
        }
        for (std::int64_t i = 0; i < t_.tiles; ++i) {
            for (std::int64_t column = 0; column < t_.width; column += kBatch) {
                convolve_columns(input, i, column, workspace);
            }
        }
        const auto [first, end] = maps(input);
        for (std::int64_t k = first; k < end; ++k) {
            results_.take(input, {k, workspace.sheets + (k - first) * t_.sheet()}, workspace, dst);
        }
    }

    /// The same with one sheet, and blocks for all columns of all channels: [c][tile][column].
    void convolve_map_by_map(const TileInput& input, const FftWorkspace& workspace,
                             TensorView<float> dst) const {
        const std::int64_t C = p_.group_channels(), of_channel = t_.tiles * t_.spectrum();
        float* sheet = workspace.sheets;
        for (std::int64_t c = 0; c < C; ++c) {
            loader_.load(input, c, workspace, sheet);
            for_each_block([&](std::int64_t i, std::int64_t column, std::int64_t at) {
                parts_.fft.forward_columns(sheet + i * t_.tile() + 2 * column,
                                           workspace.blocks + c * of_channel + at,
                                           workspace.turned);
            });
        }
        const auto [first, end] = maps(input);
        for (std::int64_t k = first; k < end; ++k) {
            const auto weights = spectra_.of(input.pair.group, k);
            for_each_block([&](std::int64_t i, std::int64_t column, std::int64_t at) {
                const float* w = weights.first + at - i * t_.spectrum();
                multiply_spectra(
                    {{workspace.blocks + at, of_channel}, {w, weights.step}, C, t_.block() / 2},
                    workspace.sum);
                parts_.fft.inverse_columns(workspace.sum, sheet + i * t_.tile() + 2 * column,
                                           workspace.turned);
            });
            results_.take(input, {k, sheet}, workspace, dst);
        }
    }

    /// Maps of a group, from `first` on to before `end`.
    struct MapRange {
        std::int64_t first, end;
    };
    /// Those that are computed: the kernels, or for the sizes of samples the yardstick.
    MapRange maps(const TileInput& input) const {
        const std::int64_t K = p_.group_kernels();
        if (input.sizes && parts_.yardsticks) return {K, K + 1};
        return {0, K};
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

    /// Columns [column, column + kBatch) of tile i in all sheets: transformed, multiplied, summed
    /// over the channels and transformed back, into the sheet of each map. Those were channels'
    /// sheets, but of these columns every channel is in its block by then.
    void convolve_columns(const TileInput& input, std::int64_t i, std::int64_t column,
                          const FftWorkspace& workspace) const {
        const std::int64_t C = p_.group_channels();
        float* columns = workspace.sheets + i * t_.tile() + 2 * column;
        for (std::int64_t c = 0; c < C; ++c) {
            parts_.fft.forward_columns(columns + c * t_.sheet(), workspace.blocks + c * t_.block(),
                                       workspace.turned);
        }
        const bool weighed = !input.sizes && input.sizes_differ(parts_.yardsticks);
        const auto [first, end] = maps(input);
        for (std::int64_t k = first; k < end; ++k) {
            const auto [spectra, step] = spectra_.of(input.pair.group, k);
            const float* w = spectra + column / kBatch * t_.block();
            multiply_spectra({{workspace.blocks, t_.block()}, {w, step}, C, t_.block() / 2},
                             workspace.sum);
            if (weighed) parts_.checks.add_spectrum(*input.looked, i, workspace.sum, t_.block());
            parts_.fft.inverse_columns(workspace.sum, columns + (k - first) * t_.sheet(),
                                       workspace.turned);
        }
    }

    FftParts parts_;
    const Problem& p_ = parts_.p;
    const FftTiling& t_ = parts_.t;
    MapSpectra spectra_;
    SheetLoader loader_;
    SheetResults results_;
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
