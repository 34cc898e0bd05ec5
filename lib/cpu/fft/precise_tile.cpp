#include "cpu/fft/precise_tile.hpp"

#include <algorithm>

#include "base/size.hpp"

namespace conv {
namespace {

constexpr std::int64_t kMostKeptBytes = 64 << 20;

std::int64_t tile_doubles(const FftTiling& t) {
    return round_up(t.height * DoubleTile::row_doubles(t.width), 8);
}

/// sum += or = x * w, complex numbers.
void multiply(const double* x, const double* w, std::int64_t doubles, bool first, double* sum) {
    for (std::int64_t i = 0; i < doubles; i += 2) {
        const double re = x[i] * w[i] - x[i + 1] * w[i + 1];
        const double im = x[i] * w[i + 1] + x[i + 1] * w[i];
        sum[i] = first ? re : sum[i] + re;
        sum[i + 1] = first ? im : sum[i + 1] + im;
    }
}

}  // namespace

bool PreciseTile::affordable(const Problem& p, const FftTiling& t) {
    return p.facts.slack == 0 && kept_bytes(p, t) <= kMostKeptBytes;
}

std::int64_t PreciseTile::kept_bytes(const Problem& p, const FftTiling& t) {
    return p.K * p.group_channels() * tile_doubles(t) * std::int64_t{sizeof(double)};
}

std::int64_t PreciseTile::workspace_floats(const Problem&, const FftTiling& t) {
    return 2 * tile_doubles(t) * std::int64_t{sizeof(double) / sizeof(float)};
}

// A real transform of doubles takes about what a complex one of floats does, and passes once more
// through the caches.
double PreciseTile::seconds() const {
    constexpr double kSecondsPerPoint = 3e-9;
    return static_cast<double>(p_.group_kernels() * (p_.group_channels() + 1) * t_.points()) *
           kSecondsPerPoint;
}

PreciseTile::PreciseTile(const Problem& problem, const Weights& weights, const FftTiling& tiling)
    : p_(problem),
      t_(tiling),
      rows_(problem, tiling),
      fft_(tiling.height, tiling.width),
      spectra_(kept_bytes(problem, tiling) / std::int64_t{sizeof(double)}),
      bias_(weights.bias.begin(), weights.bias.end()) {
    bias_.resize(static_cast<std::size_t>(p_.K));
    const std::int64_t pitch = DoubleTile::row_doubles(t_.width);
    const double scale = 1 / static_cast<double>(t_.points());
    const float* w = weights.values.data();
    for (std::int64_t i = 0; i < p_.K * p_.group_channels(); ++i) {
        double* tile = spectra_.data() + i * tile_doubles(t_);
        std::fill_n(tile, tile_doubles(t_), 0.0);
        for (std::int64_t r = 0; r < p_.R; ++r) {
            for (std::int64_t s = 0; s < p_.S; ++s, ++w) {
                tile[r * p_.dilation_h * pitch + s * p_.dilation_w] = scale * double{*w};
            }
        }
        fft_.forward(tile);
        for (std::int64_t at = 1; at < tile_doubles(t_); at += 2) tile[at] = -tile[at];
    }
}

void PreciseTile::load(const UnitChannel& from, std::int64_t n, double* tile,
                       const Memory& memory) const {
    const std::int64_t pitch = DoubleTile::row_doubles(t_.width), rows = rows_.rows(from.unit);
    for (std::int64_t h = 0; h < rows; ++h) {
        rows_.load(from, h, memory.row, memory.samples);
        const float* row = memory.samples + n * t_.width;
        double* to = tile + h * pitch;
        for (std::int64_t w = 0; w < t_.width; ++w) {
            to[w] = row[w] - row[w] == 0 ? double{row[w]} : 0.0;
        }
    }
    std::fill(tile + rows * pitch, tile + t_.height * pitch, 0.0);
}

void PreciseTile::convolve(const UnitChannel& first, std::int64_t n, TensorView<float> dst,
                           const Memory& memory) const {
    const std::int64_t C = p_.group_channels(), pitch = DoubleTile::row_doubles(t_.width);
    const std::int64_t group = first.channel / C;
    const Unit& unit = first.unit;
    auto* sum = reinterpret_cast<double*>(memory.tiles);
    double* tile = sum + tile_doubles(t_);
    for (std::int64_t k = group * p_.group_kernels(); k < (group + 1) * p_.group_kernels(); ++k) {
        for (std::int64_t c = 0; c < C; ++c) {
            load({first.src, first.channel + c, first.block, unit}, n, tile, memory);
            fft_.forward(tile);
            multiply(tile, spectra_.data() + (k * C + c) * tile_doubles(t_), t_.height * pitch,
                     c == 0, sum);
        }
        fft_.inverse(sum);
        const double bias = double{bias_[static_cast<std::size_t>(k)]};
        for (std::int64_t p = 0; p < unit.rows; ++p) {
            const double* from = sum + p * p_.stride_h * pitch;
            float* to = &dst(n, k, unit.row + p, unit.column);
            for (std::int64_t q = 0; q < unit.columns; ++q) {
                to[q * dst.strides.W] = static_cast<float>(from[q * p_.stride_w] + bias);
            }
        }
    }
}

}  // namespace conv
