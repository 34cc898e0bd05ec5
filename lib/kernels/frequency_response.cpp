#include "kernels/frequency_response.hpp"

#include <cassert>
#include <cmath>
#include <complex>
#include <numbers>

namespace conv {
namespace {

using Complex = std::complex<double>;

/// exp(-2 pi i f x) for every frequency f of the axis and every sample x: bins x size.
std::vector<Complex> waves(std::int64_t bins, std::int64_t size) {
    std::vector<Complex> values;
    for (std::int64_t u = 0; u < bins; ++u) {
        const double frequency = static_cast<double>(u) / static_cast<double>(bins - 1) - 0.5;
        for (std::int64_t x = 0; x < size; ++x) {
            values.push_back(
                std::polar(1.0, -2 * std::numbers::pi * frequency * static_cast<double>(x)));
        }
    }
    return values;
}

}  // namespace

std::vector<double> frequency_response(std::span<const double> weights, std::int64_t R,
                                       std::int64_t S, std::int64_t bins) {
    assert(bins > 1 && static_cast<std::int64_t>(weights.size()) == R * S);
    const std::vector<Complex> across = waves(bins, S), down = waves(bins, R);
    std::vector<Complex> rows(
        static_cast<std::size_t>(bins * R));  // each row's transform, bins x R
    for (std::int64_t u = 0; u < bins; ++u) {
        for (std::int64_t r = 0; r < R; ++r) {
            Complex sum;
            for (std::int64_t s = 0; s < S; ++s) {
                sum += weights[static_cast<std::size_t>(r * S + s)] *
                       across[static_cast<std::size_t>(u * S + s)];
            }
            rows[static_cast<std::size_t>(u * R + r)] = sum;
        }
    }
    std::vector<double> magnitudes;
    for (std::int64_t v = 0; v < bins; ++v) {
        for (std::int64_t u = 0; u < bins; ++u) {
            Complex sum;
            for (std::int64_t r = 0; r < R; ++r) {
                sum += rows[static_cast<std::size_t>(u * R + r)] *
                       down[static_cast<std::size_t>(v * R + r)];
            }
            magnitudes.push_back(std::abs(sum));
        }
    }
    return magnitudes;
}

}  // namespace conv
