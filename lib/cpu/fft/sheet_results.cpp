#include "cpu/fft/sheet_results.hpp"

#include <algorithm>

#include "cpu/fft/cell_rows.hpp"
#include "tensor/interleave.hpp"

namespace conv {

/// Calls f(unit, h, samples) for the output rows of a map, of both units, that a stride asks for.
template <typename F>
void SheetResults::for_each_row(const TileInput& input, const float* sheet,
                                const FftWorkspace& workspace, F f) const {
    constexpr std::int64_t kRows = TileFft::kBatch;
    const FftTiling& t = parts_.t;
    const auto& units = input.pair.units;
    const std::int64_t rows = std::max(units[0].rows, units[1].rows);
    std::int64_t transformed = 0;
    for (std::int64_t p = 0; p < rows; ++p) {
        const std::int64_t h = p * parts_.p.stride_h;
        if (h >= transformed) {
            transformed = h / kRows * kRows + kRows;
            for (std::int64_t i = 0; i < t.tiles; ++i) {
                parts_.fft.inverse_rows(sheet + i * t.tile() + h / kRows * t.batch(),
                                        workspace.batches + i * t.batch());
            }
        }
        for (std::int64_t i = 0; i < t.tiles; ++i) {
            deinterleave(workspace.batches + i * t.batch() + h % kRows * t.row(), 2, t.width,
                         workspace.samples + 2 * i * t.width, t.width);
        }
        for (std::int64_t i = 0; i < t.together; ++i) {
            if (p >= input.pair.unit(i).rows) continue;
            f(i, p, workspace.samples + i * parts_.p.N * t.width);
        }
    }
}

void SheetResults::take(const TileInput& input, const MapSheet& sheet,
                        const FftWorkspace& workspace, TensorView<float> dst) const {
    const std::int64_t K = parts_.p.group_kernels(), N = parts_.p.N, width = parts_.t.width;
    const bool yardstick = sheet.k == K;
    const bool seen = input.sizes || !input.sizes_differ(parts_.yardsticks);
    const std::int64_t map = input.pair.group * K + (yardstick ? 0 : sheet.k);
    for_each_row(input, sheet.sheet, workspace, [&](std::int64_t i, std::int64_t h, float* row) {
        for (std::int64_t n = 0; n < N; ++n) finish_row(input, {i, n, map, h}, row + n * width);
        for (std::int64_t n = 0; seen && input.looked && n < N; ++n)
            parts_.checks.add_results(*input.looked, {i, n, map, h}, row + n * width);
        if (!yardstick && !input.sizes) store_row(input, {i, 0, map, h}, row, dst);
    });
}

/// The results of one picture: those of a stride, in their scale.
void SheetResults::finish_row(const TileInput& input, const ResultRow& at, float* samples) const {
    const Unit& u = input.pair.unit(at.i);
    const std::int64_t stride = parts_.p.stride_w;
    for (std::int64_t q = 0; stride > 1 && q < u.columns; ++q) samples[q] = samples[q * stride];
    if (!input.looked) return;
    const float back = parts_.checks.lane(*input.looked, at.i * parts_.p.N + at.n).back;
    if (back != 1) scale_row(samples, u.columns, back, true);
}

/// Of all pictures.
void SheetResults::store_row(const TileInput& input, const ResultRow& at, const float* row,
                             TensorView<float> dst) const {
    const Unit& u = input.pair.unit(at.i);
    const float bias = bias_.empty() ? 0.0F : bias_[static_cast<std::size_t>(at.k)];
    interleave({row, parts_.t.width, parts_.p.N, u.columns}, bias,
               &dst(0, at.k, u.row + at.h, u.column));
}

}  // namespace conv
