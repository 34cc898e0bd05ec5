#include "cpu/fft/map_spectra.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace conv {

MapSpectra::MapSpectra(const FftParts& parts, const Weights& weights)
    : parts_(parts),
      spectra_(parts.p.K * (parts.yardsticks ? 2 : 1) * parts.p.group_channels() *
               parts.t.spectrum()) {
    AlignedBuffer<float> memory(parts.t.workspace_floats(parts.p));
    const FftWorkspace workspace(parts.p, parts.t, memory.data());
    const std::int64_t each = parts.p.group_channels() * parts.p.R * parts.p.S;
    const float* values = weights.values.data();
    for (std::int64_t k = 0; k < parts.p.K; ++k, values += each) {
        transform_map(values, workspace, kept(k, 0));
        if (!parts.yardsticks) continue;
        std::vector<float> sizes(values, values + each);
        for (float& w : sizes) w = std::abs(w);
        transform_map(sizes.data(), workspace, kept(k, 1));
    }
}

/// Of kernel k (0) or of its yardstick (1).
float* MapSpectra::kept(std::int64_t k, std::int64_t yardstick) {
    const std::int64_t at = parts_.yardsticks ? 2 * k + yardstick : k;
    return spectra_.data() + at * parts_.p.group_channels() * parts_.t.spectrum();
}

Spectra MapSpectra::of(std::int64_t group, std::int64_t i) const {
    const std::int64_t first = group * parts_.p.group_kernels() * (parts_.yardsticks ? 2 : 1);
    const std::int64_t each = parts_.t.spectrum();
    return {spectra_.data() + (first + i) * parts_.p.group_channels() * each, each};
}

void MapSpectra::transform_map(const float* weights, const FftWorkspace& workspace,
                               float* to) const {
    const Problem& p = parts_.p;
    for (std::int64_t c = 0; c < p.group_channels(); ++c)
        transform_window(weights + c * p.R * p.S, workspace, to + c * parts_.t.spectrum());
}

void MapSpectra::transform_window(const float* window, const FftWorkspace& workspace,
                                  float* to) const {
    constexpr std::int64_t kRows = TileFft::kBatch;
    const Problem& p = parts_.p;
    const FftTiling& t = parts_.t;
    float* tile = workspace.sheets;
    for (std::int64_t first = 0; first < t.height; first += kRows) {
        std::fill_n(workspace.batches, t.batch(), 0.0F);
        for (std::int64_t r = 0; r < p.R; ++r) {
            const std::int64_t h = r * p.dilation_h - first;
            if (h < 0 || h >= kRows) continue;
            for (std::int64_t s = 0; s < p.S; ++s)
                workspace.batches[h * t.row() + 2 * s * p.dilation_w] = window[r * p.S + s];
        }
        parts_.fft.forward_rows(workspace.batches, tile + first * t.row());
    }
    const float scale = 1.0F / static_cast<float>(t.points());
    for (std::int64_t column = 0; column < t.width; column += kRows, to += t.block()) {
        parts_.fft.forward_columns(tile + 2 * column, workspace.sum, workspace.turned);
        split_conjugate(workspace.sum, t.block() / 2, scale, to);
    }
}

}  // namespace conv
