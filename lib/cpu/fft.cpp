#include "cpu/fft.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "base/size.hpp"
#include "fft/tile_fft.hpp"

namespace conv {
namespace {

using Complex = TileFft::Complex;
constexpr std::int64_t kComplexFloats = 2;
constexpr std::int64_t kBlock = TileFft::kBlockColumns;

/// A transform length and what it costs on Zen 5, nanoseconds a complex point: as a row, and as
/// kBlockColumns columns at once.
struct Length {
    std::int64_t points;
    double row, column;
};
constexpr std::array kLengths = {
    Length{16, 1.1, 0.32},   Length{32, 1.1, 0.37},  Length{64, 1.3, 0.47},
    Length{128, 1.3, 0.55},  Length{256, 1.0, 0.90}, Length{512, 0.88, 1.15},
    Length{1024, 0.86, 1.5}, Length{2048, 0.9, 1.8}, Length{4096, 1.0, 2.2},
    Length{8192, 1.3, 2.7},
};
constexpr std::int64_t kLongest = kLengths.back().points;
// A complex product, and a real sample on its way into or out of a tile.
constexpr double kProductNanoseconds = 0.3;
constexpr double kSampleNanoseconds = 0.3;
// Tiles that leave the second-level cache, and those that leave the third.
constexpr double kCacheBytes = 1 << 20, kCacheNanoseconds = 0.15;
constexpr double kMemoryBytes = 24 << 20, kMemoryNanoseconds = 1.0;
// The transforms of all weights are kept in memory.
constexpr std::int64_t kMostSpectrumBytes = std::int64_t{256} << 20;

/// The sizes of the tiling: what is decided once for a problem.
struct Tiling {
    std::int64_t height = 0, width = 0;            ///< points of a tile
    std::int64_t rows = 0, columns = 0;            ///< outputs of a tile
    std::int64_t row_parts = 0, column_parts = 0;  ///< tiles of a block of output rows
    double seconds = std::numeric_limits<double>::infinity();

    std::int64_t pitch() const { return TileFft::row_pitch(width); }
    std::int64_t plane() const { return round_up(height * pitch(), 8); }
    std::int64_t block() const { return height * kBlock; }
    std::int64_t spectrum() const { return height * width; }
    std::int64_t units(const Problem& p) const { return row_parts * column_parts * p.N; }
};

std::int64_t planes(const Problem& p) {
    return std::max(p.group_channels(), p.group_kernels());
}

std::int64_t window_rows(const Problem& p) {
    return (p.R - 1) * p.dilation_h + 1;
}
std::int64_t window_columns(const Problem& p) {
    return (p.S - 1) * p.dilation_w + 1;
}

Tiling tiling_of(const Problem& p, const Length& height, const Length& width) {
    Tiling t;
    if (height.points < window_rows(p) || width.points < window_columns(p)) return t;
    t.height = height.points;
    t.width = width.points;
    t.rows = std::min((t.height - window_rows(p)) / p.stride_h + 1, p.P());
    t.columns = std::min((t.width - window_columns(p)) / p.stride_w + 1, p.Q());
    t.column_parts = ceil_div(p.Q(), t.columns);
    t.row_parts = t.rows < p.P() && t.column_parts * p.N % 2 == 1 ? 2 : 1;

    const auto C = static_cast<double>(p.group_channels());
    const auto K = static_cast<double>(p.group_kernels());
    const auto points = static_cast<double>(t.spectrum());
    const double bytes = static_cast<double>(planes(p)) * points * sizeof(Complex);
    const double transfer = bytes > kMemoryBytes  ? kMemoryNanoseconds
                            : bytes > kCacheBytes ? kCacheNanoseconds
                                                  : 0;
    const double transforms =
        (C + K) * (width.row + height.column + transfer + 2 * kSampleNanoseconds);
    const double pairs = static_cast<double>(ceil_div(p.P(), t.rows * t.row_parts) *
                                             ceil_div(t.units(p), 2) * p.groups);
    t.seconds = 1e-9 * pairs * points * (transforms + C * K * kProductNanoseconds);
    return t;
}

Tiling choose_tiling(const Problem& p) {
    Tiling best;
    for (const Length& height : kLengths) {
        for (const Length& width : kLengths) {
            const Tiling t = tiling_of(p, height, width);
            if (t.seconds < best.seconds) best = t;
        }
    }
    return best;
}

std::int64_t workspace_floats(const Problem& p, const Tiling& t) {
    const std::int64_t row = round_up(t.width * p.N, 16);
    return kComplexFloats * (planes(p) * t.plane() + (p.group_channels() + 1) * t.block()) +
           2 * row;
}

std::int64_t workspace_bytes(const Problem& p, const Weights&) {
    return workspace_floats(p, choose_tiling(p)) * static_cast<std::int64_t>(sizeof(float));
}

/// acc = or += x * w for `count` complex numbers.
template <bool kAccumulate>
void multiply(const Complex* x, const Complex* w, std::int64_t count, Complex* acc) {
    const auto* a = reinterpret_cast<const float*>(x);
    const auto* b = reinterpret_cast<const float*>(w);
    auto* c = reinterpret_cast<float*>(acc);
    for (std::int64_t i = 0; i < 2 * count; i += 2) {
        const float re = a[i] * b[i] - a[i + 1] * b[i + 1];
        const float im = a[i] * b[i + 1] + a[i + 1] * b[i];
        c[i] = kAccumulate ? c[i] + re : re;
        c[i + 1] = kAccumulate ? c[i + 1] + im : im;
    }
}

/// One tile of one picture: the outputs [row, row + rows) x [column, column + columns).
struct Unit {
    std::int64_t picture = 0, row = 0, rows = 0, column = 0, columns = 0;
};

/// Parts of a thread's workspace.
struct Workspace {
    Complex* planes;
    Complex* blocks;  ///< one for each channel
    Complex* sum;     ///< a block
    float *first_row, *second_row;

    Workspace(const Problem& p, const Tiling& t, float* memory)
        : planes(reinterpret_cast<Complex*>(memory)),
          blocks(planes + conv::planes(p) * t.plane()),
          sum(blocks + p.group_channels() * t.block()),
          first_row(reinterpret_cast<float*>(sum + t.block())),
          second_row(first_row + round_up(t.width * p.N, 16)) {}
};

class FftConvolution {
public:
    FftConvolution(const Problem& problem, const Weights& weights)
        : p_(problem),
          t_(choose_tiling(problem)),
          fft_(t_.height, t_.width),
          spectra_(p_.K * p_.group_channels() * t_.spectrum() * kComplexFloats),
          bias_(weights.bias.begin(), weights.bias.end()) {
        AlignedBuffer<float> memory(workspace_floats(p_, t_));
        const Workspace workspace(p_, t_, memory.data());
        for (std::int64_t i = 0; i < p_.K * p_.group_channels(); ++i) {
            transform_weights(weights.values.data() + i * p_.R * p_.S, workspace, spectrum(i));
        }
    }

    Plan plan() const {
        return {.workspace_bytes = workspace_bytes(p_, {}),
                .block_rows = t_.rows * t_.row_parts,
                .run = nullptr};
    }

    void run(const Source& src, RowRange rows, TensorView<float> dst, float* memory) const {
        const Workspace workspace(p_, t_, memory);
        for (std::int64_t g = 0; g < p_.groups; ++g) {
            for (std::int64_t u = 0; u < t_.units(p_); u += 2) {
                const Unit first = unit(rows, u);
                const Unit second = u + 1 < t_.units(p_) ? unit(rows, u + 1) : Unit{};
                for (std::int64_t c = 0; c < p_.group_channels(); ++c) {
                    load(src, g * p_.group_channels() + c, rows, first, second, workspace,
                         workspace.planes + c * t_.plane());
                }
                for (std::int64_t column = 0; column < t_.width; column += kBlock) {
                    convolve_columns(g, column, workspace);
                }
                for (std::int64_t k = 0; k < p_.group_kernels(); ++k) {
                    store(first, second, g * p_.group_kernels() + k,
                          workspace.planes + k * t_.plane(), dst);
                }
            }
        }
    }

private:
    Complex* spectrum(std::int64_t i) {
        return reinterpret_cast<Complex*>(spectra_.data()) + i * t_.spectrum();
    }
    const Complex* spectrum(std::int64_t i) const {
        return reinterpret_cast<const Complex*>(spectra_.data()) + i * t_.spectrum();
    }

    /// conj(forward(window)) / T, block after block.
    void transform_weights(const float* window, const Workspace& workspace, Complex* to) const {
        Complex* plane = workspace.planes;
        std::fill_n(plane, t_.plane(), Complex());
        for (std::int64_t r = 0; r < p_.R; ++r) {
            Complex* row = plane + r * p_.dilation_h * t_.pitch();
            for (std::int64_t s = 0; s < p_.S; ++s) row[s * p_.dilation_w] = window[r * p_.S + s];
            fft_.forward_row(row);
        }
        const float scale = 1.0F / static_cast<float>(t_.spectrum());
        for (std::int64_t column = 0; column < t_.width; column += kBlock) {
            fft_.forward_columns(plane + column, workspace.sum);
            for (std::int64_t i = 0; i < t_.block(); ++i) {
                *to++ = std::conj(workspace.sum[i]) * scale;
            }
        }
    }

    /// Tile u of a block of output rows; empty where the block is shorter than usual.
    Unit unit(RowRange block, std::int64_t u) const {
        Unit unit;
        unit.picture = u % p_.N;
        unit.column = u / p_.N % t_.column_parts * t_.columns;
        unit.columns = std::min(t_.columns, p_.Q() - unit.column);
        unit.row = u / p_.N / t_.column_parts * t_.rows;
        unit.rows = std::clamp<std::int64_t>(block.count - unit.row, 0, t_.rows);
        return unit;
    }

    std::int64_t rows_read(const Unit& u) const {
        return u.rows == 0 ? 0 : (u.rows - 1) * p_.stride_h + window_rows(p_);
    }
    std::int64_t columns_read(const Unit& u) const {
        return u.rows == 0 ? 0 : (u.columns - 1) * p_.stride_w + window_columns(p_);
    }

    /// Row h of a tile's padded input, all pictures interleaved.
    void read(const Source& src, std::int64_t channel, RowRange block, const Unit& u,
              std::int64_t h, float* row) const {
        pad_row(src, p_.border, channel, (block.first + u.row) * p_.stride_h - p_.padding.top + h,
                u.column * p_.stride_w - p_.padding.left, columns_read(u), row);
    }

    /// plane = the rows of first + i * second, each transformed; zero where both end.
    void load(const Source& src, std::int64_t channel, RowRange block, const Unit& first,
              const Unit& second, const Workspace& workspace, Complex* plane) const {
        const std::int64_t rows = std::max(rows_read(first), rows_read(second));
        for (std::int64_t h = 0; h < rows; ++h) {
            auto* to = reinterpret_cast<float*>(plane + h * t_.pitch());
            std::fill_n(to, 2 * t_.width, 0.0F);
            if (h < rows_read(first)) {
                read(src, channel, block, first, h, workspace.first_row);
                for (std::int64_t w = 0; w < columns_read(first); ++w) {
                    to[2 * w] = workspace.first_row[w * p_.N + first.picture];
                }
            }
            if (h < rows_read(second)) {
                read(src, channel, block, second, h, workspace.second_row);
                for (std::int64_t w = 0; w < columns_read(second); ++w) {
                    to[2 * w + 1] = workspace.second_row[w * p_.N + second.picture];
                }
            }
            fft_.forward_row(plane + h * t_.pitch());
        }
        std::fill(plane + rows * t_.pitch(), plane + t_.height * t_.pitch(), Complex());
    }

    /// Columns [column, column + kBlock) of all planes: transformed, multiplied, summed over the
    /// channels and transformed back, into the plane of each map. Those were channels' planes, but
    /// of these columns every channel is in its block by then.
    void convolve_columns(std::int64_t group, std::int64_t column,
                          const Workspace& workspace) const {
        const std::int64_t C = p_.group_channels(), K = p_.group_kernels(), size = t_.block();
        for (std::int64_t c = 0; c < C; ++c) {
            fft_.forward_columns(workspace.planes + c * t_.plane() + column,
                                 workspace.blocks + c * size);
        }
        for (std::int64_t k = 0; k < K; ++k) {
            const std::int64_t at = (group * K + k) * C;
            const std::int64_t offset = column * t_.height;
            multiply<false>(workspace.blocks, spectrum(at) + offset, size, workspace.sum);
            for (std::int64_t c = 1; c < C; ++c) {
                multiply<true>(workspace.blocks + c * size, spectrum(at + c) + offset, size,
                               workspace.sum);
            }
            fft_.inverse_columns(workspace.sum, workspace.planes + k * t_.plane() + column);
        }
    }

    void store(const Unit& first, const Unit& second, std::int64_t map, Complex* plane,
               TensorView<float> dst) const {
        for (std::int64_t h = 0; h < std::max(first.rows, second.rows); ++h) {
            Complex* row = plane + h * p_.stride_h * t_.pitch();
            fft_.inverse_row(row);
            const auto* parts = reinterpret_cast<const float*>(row);
            if (h < first.rows) store_row(first, map, h, parts, dst);
            if (h < second.rows) store_row(second, map, h, parts + 1, dst);
        }
    }

    void store_row(const Unit& u, std::int64_t map, std::int64_t h, const float* from,
                   TensorView<float> dst) const {
        const float bias = bias_.empty() ? 0.0F : bias_[static_cast<std::size_t>(map)];
        float* to = &dst(u.picture, map, u.row + h, u.column);
        for (std::int64_t q = 0; q < u.columns; ++q) {
            to[q * p_.N] = from[2 * q * p_.stride_w] + bias;
        }
    }

    Problem p_;
    Tiling t_;
    TileFft fft_;
    AlignedBuffer<float> spectra_;
    std::vector<float> bias_;
};

Plan prepare(const Problem& problem, const Weights& weights) {
    const auto fft = std::make_shared<const FftConvolution>(problem, weights);
    Plan plan = fft->plan();
    plan.run = [fft](const Source& src, RowRange rows, TensorView<float> dst, float* workspace) {
        fft->run(src, rows, dst, workspace);
    };
    return plan;
}

std::string rejects(const Problem& p, const Weights&) {
    if (!p.finite) return "NaN or Inf would spread over whole tiles";
    if (std::max(window_rows(p), window_columns(p)) > kLongest) {
        return fmt::format("the kernel spans {} x {} pixels, tiles are up to {}", window_rows(p),
                           window_columns(p), kLongest);
    }
    const Tiling t = choose_tiling(p);
    const std::int64_t most = kMostSpectrumBytes / static_cast<std::int64_t>(sizeof(Complex));
    if (p.K > most / t.spectrum() / p.group_channels()) {
        return fmt::format("the transforms of {} kernels would take more than {}",
                           p.K * p.group_channels(), format_bytes(kMostSpectrumBytes));
    }
    return {};
}

double error_factor(const Problem& p, const Weights&) {
    const Tiling t = choose_tiling(p);
    const double passes = std::log2(static_cast<double>(t.spectrum()));
    const auto n = static_cast<double>(p.group_channels() * p.R * p.S);
    return std::max(1.0, 0.75 * std::sqrt(3 * passes / n));
}

double cost(const Problem& p, const Weights&) {
    return choose_tiling(p).seconds;
}

}  // namespace

Method fft_method() {
    return {.name = "fft",
            .summary = "Fourier transforms of overlapping tiles (FFTW), for large kernels",
            .rejects = rejects,
            .cost = cost,
            .error_factor = error_factor,
            .workspace_bytes = workspace_bytes,
            .prepare = prepare};
}

}  // namespace conv
