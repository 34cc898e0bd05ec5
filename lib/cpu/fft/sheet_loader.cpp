#include "cpu/fft/sheet_loader.hpp"

#include <algorithm>
#include <cmath>

#include "base/size.hpp"
#include "cpu/fft/cell_rows.hpp"
#include "tensor/interleave.hpp"

namespace conv {

/// Row h of all pictures of both units, two by two the parts of complex rows.
void SheetLoader::load_rows(const TileInput& input, std::int64_t c, std::int64_t h,
                            const FftWorkspace& workspace) const {
    const Problem& p = parts_.p;
    const FftTiling& t = parts_.t;
    float* samples = workspace.samples;
    for (std::int64_t i = 0; i < t.together; ++i) {
        const UnitChannel channel = parts_.rows.channel(input.pair, i, c);
        parts_.rows.prefetch(channel, h + TileFft::kBatch);
        parts_.rows.load(channel, h, workspace.row, samples);
        if (input.sizes) {
            for (std::int64_t w = 0; w < p.N * t.width; ++w) samples[w] = std::abs(samples[w]);
        }
        for (std::int64_t n = 0; n < p.N; ++n, samples += t.width) {
            if (!input.looked) continue;
            const TileChecks::Lane& lane = parts_.checks.lane(*input.looked, i * p.N + n);
            if (lane.scale == 1 && lane.finite) continue;
            scale_row(samples, parts_.rows.columns(channel.unit), lane.scale, lane.finite);
        }
    }
    if (t.together * p.N % 2 == 1) std::fill_n(samples, t.width, 0.0F);
    for (std::int64_t i = 0; i < t.tiles; ++i) {
        interleave({workspace.samples + 2 * i * t.width, t.width, 2, t.width}, 0.0F,
                   workspace.batches + i * t.batch() + h % TileFft::kBatch * t.row());
    }
}

void SheetLoader::load(const TileInput& input, std::int64_t c, const FftWorkspace& workspace,
                       float* sheet) const {
    constexpr std::int64_t kRows = TileFft::kBatch;
    const FftTiling& t = parts_.t;
    const auto& units = input.pair.units;
    const std::int64_t rows = std::max(parts_.rows.rows(units[0]), parts_.rows.rows(units[1]));
    for (std::int64_t h = 0; h < rows; ++h) {
        load_rows(input, c, h, workspace);
        if ((h + 1) % kRows != 0 && h + 1 < rows) continue;
        for (std::int64_t i = 0; i < t.tiles; ++i) {
            float* batch = workspace.batches + i * t.batch();
            std::fill(batch + (h % kRows + 1) * t.row(), batch + t.batch(), 0.0F);
            parts_.fft.forward_rows(batch, sheet + i * t.tile() + h / kRows * t.batch());
        }
    }
    for (std::int64_t i = 0; i < t.tiles; ++i, sheet += t.tile()) {
        std::fill(sheet + round_up(rows, kRows) * t.row(), sheet + t.tile(), 0.0F);
    }
}

}  // namespace conv
