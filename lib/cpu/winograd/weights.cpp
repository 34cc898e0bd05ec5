#include "cpu/winograd/weights.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace conv {
namespace {

using Matrix = std::vector<std::array<double, 3>>;

/// G of F(m x m, 3 x 3): row i is (1, x_i, x_i^2) / N_i for the points 0, +-a, (+-b), infinity,
/// where N_i is the product of x_i - x_l over the other finite points l.
Matrix weight_transform(std::int64_t m) {
    std::vector<double> points = {0, kWinogradA2, -kWinogradA2};
    if (m == 4) points = {0, kWinogradA4, -kWinogradA4, kWinogradB4, -kWinogradB4};
    Matrix rows;
    for (const double x : points) {
        double norm = 1;
        for (const double other : points) norm *= other == x ? 1 : x - other;
        rows.push_back({1 / norm, x / norm, x * x / norm});
    }
    rows.push_back({0, 0, 1});
    return rows;
}

/// (G w G^T)[i][j] of one kernel in out[(i * t + j) * step].
void transform_kernel(const Matrix& G, const float* w, float* out, std::int64_t step) {
    for (const auto& row : G) {
        std::array<double, 3> half{};
        for (std::size_t s = 0; s < 3; ++s) {
            half[s] = row[0] * w[s] + row[1] * w[3 + s] + row[2] * w[6 + s];
        }
        for (const auto& column : G) {
            *out =
                static_cast<float>(half[0] * column[0] + half[1] * column[1] + half[2] * column[2]);
            out += step;
        }
    }
}

}  // namespace

AlignedBuffer<float> winograd_weights(const Problem& p, const WinogradTiling& t,
                                      std::span<const float> weights) {
    const Matrix G = weight_transform(t.m);
    AlignedBuffer<float> transformed(p.groups * t.group_weights());
    // One channel of a panel: the buffer's places for it lie far apart, often in one set of the
    // cache.
    std::vector<float> points(static_cast<std::size_t>(t.points() * kWinogradPanel));
    float* to = transformed.data();
    for (std::int64_t g = 0; g < p.groups; ++g) {
        for (std::int64_t k = 0; k < t.maps; k += kWinogradPanel) {
            const std::int64_t maps = t.panel_maps(k), first = g * p.group_kernels() + k;
            const std::int64_t used = std::min(maps, p.group_kernels() - k);
            std::fill(points.begin(), points.end(), 0.0F);
            for (std::int64_t c = 0; c < t.channels; ++c) {
                for (std::int64_t i = 0; i < used; ++i) {
                    transform_kernel(G, weights.data() + ((first + i) * t.channels + c) * 9,
                                     points.data() + i, maps);
                }
                for (std::int64_t i = 0; i < t.points(); ++i) {
                    std::copy_n(points.data() + i * maps, maps, to + (i * t.channels + c) * maps);
                }
            }
            to += t.points() * t.channels * maps;
        }
    }
    return transformed;
}

AlignedBuffer<float> winograd_bias(const Problem& p, const WinogradTiling& t,
                                   std::span<const float> bias) {
    AlignedBuffer<float> padded(p.groups * t.maps);
    std::fill_n(padded.data(), padded.size(), 0.0F);
    if (bias.empty()) return padded;
    for (std::int64_t g = 0; g < p.groups; ++g) {
        std::copy_n(bias.data() + g * p.group_kernels(), p.group_kernels(),
                    padded.data() + g * t.maps);
    }
    return padded;
}

}  // namespace conv
