#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <random>
#include <vector>

#include "cpu/fft/spectrum_product.hpp"
#include "support/simd_targets.hpp"

using namespace conv;

TEST_CASE("spectrum product: channels times conjugates are summed, with every instruction set") {
    constexpr std::size_t C = 3, count = 48, step = 2 * count + 5;
    std::mt19937 generator(3);
    std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
    std::vector<float> x(C * step), w(C * step), split(C * step);
    for (float& number : x) number = uniform(generator);
    for (float& number : w) number = uniform(generator);
    for (std::size_t c = 0; c < C; ++c) {
        split_conjugate(w.data() + c * step, count, 0.5F, split.data() + c * step);
    }
    conv::test::for_each_simd_target([&](const std::string& target) {
        CAPTURE(target);
        std::vector<float> sum(2 * count + 1, 7.0F);
        multiply_spectra({{x.data(), step}, {split.data(), step}, C, count}, sum.data());
        double worst = 0;
        for (std::size_t i = 0; i < count; ++i) {
            std::complex<double> expected;
            for (std::size_t c = 0; c < C; ++c) {
                const std::size_t at = c * step + 2 * i;
                expected += std::complex<double>(x[at], x[at + 1]) *
                            std::conj(std::complex<double>(w[at], w[at + 1])) * 0.5;
            }
            const std::complex<double> actual(sum[2 * i], sum[2 * i + 1]);
            worst = std::max(worst, std::abs(actual - expected));
        }
        CHECK(worst < 1e-6);
        CHECK(sum.back() == 7.0F);
    });
}
