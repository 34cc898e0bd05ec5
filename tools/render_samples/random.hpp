#pragma once

#include <cmath>
#include <cstdint>

#include "vec3.hpp"

namespace conv::samples {

/// The finaliser of splitmix64: every bit of the result depends on every bit of `v`.
inline std::uint64_t scrambled(std::uint64_t v) {
    v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9U;
    v = (v ^ (v >> 27)) * 0x94d049bb133111ebU;
    return v ^ (v >> 31);
}

/// splitmix64: the same numbers on every machine for the same seed.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(scrambled(seed)) {}

    /// In [0, 1).
    double uniform() {
        state_ += 0x9e3779b97f4a7c15U;
        return static_cast<double>(scrambled(state_) >> 11) * 0x1p-53;
    }
    double between(double low, double high) { return mix(low, high, uniform()); }
    /// Mean 0, variance 1 (sum of 12 uniforms).
    double normal() {
        double sum = -6;
        for (int i = 0; i < 12; ++i) sum += uniform();
        return sum;
    }
    /// A photon count with this mean (up to about 700), by counting uniform factors.
    int poisson(double mean) {
        const double limit = std::exp(-mean);
        int count = 0;
        for (double product = uniform(); product > limit; product *= uniform()) ++count;
        return count;
    }

private:
    std::uint64_t state_;
};

/// One fixed value in [0, 1) for each lattice cell.
inline double cell_value(std::int64_t x, std::int64_t y, std::uint64_t seed) {
    const auto key = static_cast<std::uint64_t>(x) * 0x9e3779b97f4a7c15U +
                     static_cast<std::uint64_t>(y) * 0xc2b2ae3d27d4eb4fU + seed;
    return static_cast<double>(scrambled(scrambled(key)) >> 11) * 0x1p-53;
}

/// Smooth noise in [0, 1), one random value per unit cell corner.
inline double value_noise(double x, double y, std::uint64_t seed) {
    const double fx = std::floor(x), fy = std::floor(y);
    const auto ix = static_cast<std::int64_t>(fx), iy = static_cast<std::int64_t>(fy);
    const double tx = smooth_step(0, 1, x - fx), ty = smooth_step(0, 1, y - fy);
    const double top = mix(cell_value(ix, iy, seed), cell_value(ix + 1, iy, seed), tx);
    const double bottom = mix(cell_value(ix, iy + 1, seed), cell_value(ix + 1, iy + 1, seed), tx);
    return mix(top, bottom, ty);
}

/// Octaves of value_noise, each at twice the frequency and half the weight; in [0, 1).
inline double fractal_noise(double x, double y, int octaves, std::uint64_t seed) {
    double sum = 0, weight = 1, total = 0;
    for (int i = 0; i < octaves; ++i) {
        sum += weight * value_noise(x, y, seed + static_cast<std::uint64_t>(i));
        total += weight;
        weight *= 0.5;
        // A small turn of the lattice keeps its axes from showing.
        const double turned = 1.94 * x - 0.49 * y;
        y = 0.49 * x + 1.94 * y;
        x = turned;
    }
    return sum / total;
}

}  // namespace conv::samples
