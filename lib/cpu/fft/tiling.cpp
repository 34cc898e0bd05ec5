#include "cpu/fft/tiling.hpp"

#include <algorithm>
#include <array>

#include "base/pages.hpp"
#include "base/size.hpp"
#include "cpu/fft/result_bounds.hpp"
#include "cpu/tile/cache.hpp"

namespace conv {
namespace {

/// A transform length and what it costs on Zen 5 with AVX-512, nanoseconds for a complex point: as
/// a row of a batch, and as a column. Of the multiples of powers of two only those that FFTW's
/// estimate serves well.
struct Length {
    std::int64_t points;
    double row, column;
};
constexpr std::array kLengths = {
    Length{32, 0.36, 0.30},  Length{64, 0.42, 0.42},   Length{96, 0.45, 0.65},
    Length{128, 0.51, 0.53}, Length{160, 0.48, 0.72},  Length{256, 0.48, 0.74},
    Length{320, 0.51, 0.84}, Length{512, 0.53, 0.88},  Length{640, 0.57, 1.0},
    Length{1024, 0.60, 1.1}, Length{2048, 0.65, 1.26}, Length{4096, 1.0, 1.44},
    Length{8192, 1.5, 2.05},
};
static_assert(kLengths.back().points == kLongestTile);
// A complex product with weights from the second-level cache, from the third, and from memory.
constexpr double kProductNanoseconds = 0.1, kFarProductNanoseconds = 0.2;
constexpr double kStreamedProductNanoseconds = 0.5;
// A real sample on its way into or out of a tile.
constexpr double kSampleNanoseconds = 0.25;
// The look at a sample, and what is done again because of it, as many times as long: of noise under
// random weights of 5x5 to 51x51. Less under smooth kernels, more where samples differ by much.
constexpr double kLooks = 30;
// The same where results are judged by themselves, or the samples say that they are fine.
constexpr double kResultLooks = 3;
// A sum of one map among several, which finds less in the first-level cache.
constexpr double kSheetNanoseconds = 0.35;
// Transforms of all channels that stay in the second-level cache beside one tile in work.
constexpr std::int64_t kKeptFloats = kL2Floats / 2;
// Tiles that leave the second-level cache, and those that leave the third.
constexpr double kCacheBytes = kL2Floats * kFloatBytes, kCacheNanoseconds = 0.3;
constexpr double kMemoryBytes = 24 << 20, kMemoryNanoseconds = 1.0;

/// The cost of what fits the second-level cache, the third, or neither.
double by_place(double bytes, double near, double far, double memory) {
    return bytes > kMemoryBytes ? memory : bytes > kCacheBytes ? far : near;
}

FftTiling tiling_of(const Problem& p, const Length& height, const Length& width, double looks) {
    FftTiling t;
    if (height.points < window_rows(p) || width.points < window_columns(p)) return t;
    t.height = height.points;
    t.width = width.points;
    if (t.spectra_bytes(p) > kMostSpectraBytes) return t;
    t.rows = std::min((t.height - window_rows(p)) / p.stride_h + 1, p.P());
    t.columns = std::min((t.width - window_columns(p)) / p.stride_w + 1, p.Q());
    t.column_parts = ceil_div(p.Q(), t.columns);
    t.together = p.N % 2 == 1 && (t.column_parts > 1 || t.rows < p.P()) ? 2 : 1;
    t.row_parts = t.together == 2 && t.column_parts % 2 == 1 && t.rows < p.P() ? 2 : 1;
    t.tiles = ceil_div(t.together * p.N, 2);

    const std::int64_t channel_floats = p.group_channels() * t.tiles * t.spectrum();
    t.map_by_map = p.group_kernels() > p.group_channels() && channel_floats <= kKeptFloats;
    t.sheets = t.map_by_map ? 1 : std::max(p.group_channels(), p.group_kernels());
    t.transforms = t.map_by_map ? channel_floats / t.block() : p.group_channels();

    const auto C = static_cast<double>(p.group_channels());
    const auto K = static_cast<double>(p.group_kernels());
    const auto points = static_cast<double>(t.points());
    const double bytes =
        static_cast<double>(t.sheets * t.sheet() + t.transforms * t.block()) * kFloatBytes;
    const double transfer = by_place(bytes, 0, kCacheNanoseconds, kMemoryNanoseconds);
    const double several = p.group_kernels() > 1 ? kSheetNanoseconds : 0;
    const double transforms = (C + K) * (width.row + height.column + transfer) + K * several;
    const double products = C * K *
                            by_place(t.spectra_bytes(p), kProductNanoseconds,
                                     kFarProductNanoseconds, kStreamedProductNanoseconds);
    const auto tiles = static_cast<double>(ceil_div(p.P(), t.rows * t.row_parts) *
                                           ceil_div(t.units(), t.together) * t.tiles * p.groups);
    const double all = 1e-9 * tiles * points;
    t.transforms_cost = all * transforms;
    t.products_cost = all * products;
    t.samples_cost = all * (C + K) * 2 * kSampleNanoseconds;
    t.looks_cost = all * C * 2 * looks * kSampleNanoseconds;
    return t;
}

/// Whether the samples of most pictures say that all windows hold enough: the cells that a block's
/// windows touch hold few samples beside them. 21 x 21 and more.
bool has_telling_samples(const Problem& p) {
    constexpr double kMostTouched = 1.9;
    return LocalSums::touched_samples(p) <=
           kMostTouched * static_cast<double>(window_rows(p) * window_columns(p));
}

/// What the samples' looks cost, in samples on their way.
double looks_of(const Problem& p, const Weights& weights) {
    if (!looked_at(p)) return 0;
    if (has_yardsticks(p, weights)) return has_telling_samples(p) ? kResultLooks : kLooks;
    if (judged_by_results(p, weights)) return kResultLooks;
    // Doubtful blocks are computed again in every map.
    constexpr double kMapsOfALook = 8;
    const double maps = has_telling_samples(p) ? 0 : static_cast<double>(p.group_kernels());
    return kLooks * (1 + maps / kMapsOfALook);
}

/// How much longer a tiling takes than its work, because threads wait for the last blocks: the mean
/// for one, two and four of them.
double idle(const Problem& p, const FftTiling& t) {
    if (t.rows == 0) return 1;
    const std::int64_t blocks = ceil_div(p.P(), t.rows * t.row_parts);
    const std::int64_t rounds = blocks + round_up(blocks, 2) + round_up(blocks, 4);
    return static_cast<double>(rounds) / static_cast<double>(3 * blocks);
}

}  // namespace

std::int64_t window_rows(const Problem& p) {
    return (p.R - 1) * p.dilation_h + 1;
}

std::int64_t window_columns(const Problem& p) {
    return (p.S - 1) * p.dilation_w + 1;
}

bool looked_at(const Problem& p) {
    return p.facts.samples == SampleType::f32 || p.facts.alpha_weighted || p.facts.slack == 0;
}

Problem transformed(const Problem& p, const Weights& weights) {
    Problem all = p;
    if (has_yardsticks(p, weights)) all.K *= 2;
    return all;
}

double FftTiling::spectra_bytes(const Problem& p) const {
    return static_cast<double>(p.K * p.group_channels()) *
           static_cast<double>(spectrum() * kFloatBytes);
}

std::int64_t FftTiling::workspace_floats(const Problem& p) const {
    return sheets * sheet() + (transforms + 1) * block() + tiles * (batch() + 2 * width) +
           round_up(width * p.N, kBufferAlignment / kFloatBytes) + TileFft::scratch_floats(height);
}

double FftTiling::seconds(const MachineProfile& profile) const {
    constexpr double kPointNanoseconds = 0.53;  // of a row of 512 in the table
    return 1e9 * (transforms_cost * profile[Step::fft_point] / kPointNanoseconds +
                  products_cost * profile[Step::fft_product] / kProductNanoseconds +
                  (samples_cost + looks_cost) * profile[Step::fft_sample] / kSampleNanoseconds);
}

FftTiling choose_fft_tiling(const Problem& p, const Weights& weights) {
    const double looks = looks_of(p, weights);
    FftTiling best;
    for (const Length& height : kLengths) {
        for (const Length& width : kLengths) {
            const FftTiling t = tiling_of(p, height, width, looks);
            if (t.cost() * idle(p, t) < best.cost() * idle(p, best)) best = t;
        }
    }
    return best;
}

}  // namespace conv
