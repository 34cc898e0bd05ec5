#include "cpu/sliding/sliding.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "conv/convolve.hpp"
#include "cpu/cpu_device.hpp"
#include "cpu/sliding/cosines.hpp"
#include "support/operands.hpp"
#include "support/simd_targets.hpp"

using namespace conv;
using conv::test::Operands;

namespace {

std::vector<double> gaussian_taps(std::int64_t taps, double sigma) {
    std::vector<double> line(static_cast<std::size_t>(taps));
    for (std::int64_t s = 0; s < taps; ++s) {
        const double x = static_cast<double>(s) - static_cast<double>(taps - 1) / 2;
        line[static_cast<std::size_t>(s)] = std::exp(-x * x / (2 * sigma * sigma));
    }
    const double sum = std::reduce(line.begin(), line.end());
    for (double& tap : line) tap /= sum;
    return line;
}

/// Every kernel of the problem: a column times a row.
void set_product(const Problem& p, const std::vector<double>& column,
                 const std::vector<double>& row, Operands& operands) {
    for (std::size_t i = 0; i < operands.weights.size(); ++i) {
        const std::size_t r = i / static_cast<std::size_t>(p.S) % static_cast<std::size_t>(p.R);
        operands.weights[i] =
            static_cast<float>(column[r] * row[i % static_cast<std::size_t>(p.S)]);
    }
}

Device device_with_sliding() {
    Device device = cpu_device();
    device.methods.push_back(sliding_method());
    return device;
}

std::vector<float> run(const std::string& method, const Problem& p, const Operands& operands) {
    const Device device = device_with_sliding();
    std::vector<float> result(static_cast<std::size_t>(p.N * p.K * p.P() * p.Q()));
    const Strides interleaved{1, p.H * p.W * p.N, p.W * p.N, p.N};
    const Strides results{1, p.P() * p.Q() * p.N, p.Q() * p.N, p.N};
    convolve(device, method, p,
             Source(TensorView<const float>{operands.src.data(), p.src_shape(), interleaved}),
             operands.view(), TensorView<float>{result.data(), p.dst_shape(), results},
             {.threads = 2, .max_memory = {}, .memory_in_use = 0});
    return result;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
    return largest;
}

/// Samples of 0 and 1 alone: what a deviation of the taps shows most in.
void set_black_and_white(Operands& operands) {
    for (float& x : operands.src) x = x > 0 ? 1.0F : 0.0F;
}

}  // namespace

TEST_CASE("sliding: taps are what their cosines add up to") {
    for (const std::int64_t taps : {1, 2, 3, 7, 12, 31, 121, 601}) {
        CAPTURE(taps);
        const auto line = gaussian_taps(taps, std::max(0.4, static_cast<double>(taps) / 6));
        const auto sum = sum_of_cosines(line, 1e-3);
        REQUIRE(sum);
        CHECK(sum->deviation <= 1e-3);
        double off = 0, total = 0;
        for (std::size_t s = 0; s < line.size(); ++s) {
            double fitted = 0;
            for (std::size_t j = 0; j < sum->amplitudes.size(); ++j) {
                const double x = static_cast<double>(s) - static_cast<double>(taps - 1) / 2;
                fitted += sum->amplitudes[j] * std::cos(sum->frequencies[j] * x);
            }
            off += std::abs(fitted - line[s]);
            total += fitted;
        }
        CHECK(off <= 1e-3);
        CHECK(total == doctest::Approx(1).epsilon(1e-12));
    }
    CHECK(sum_of_cosines(std::vector<double>(9, 0.5), 1e-9)->amplitudes.size() == 1);
    CHECK_FALSE(sum_of_cosines(std::vector<double>{1, 2, 3}, 1e-3));
    CHECK_FALSE(sum_of_cosines(std::vector<double>{1, -2, 1}, 1e-3));
}

TEST_CASE("sliding: Gaussians are within 1e-4 of the range, whatever the geometry") {
    for (const char* text :
         {"n1c1h70w90_k1r31s31_p15_breflect101", "n3c1h40w50_k1r25s13_p12x12x6x6_breplicate",
          "n1c2h64w48_k2r19s19_p9_g2_breflect", "n1c1h50w41_k1r61s61_p30_bwrap",
          "n1c1h80w70_k1r21s21_p10_bconstant:1", "n2c1h90w40_k1r15s20_p3x2x4x9_s2x3_breflect101",
          "n1c1h300w30_k1r41s9"}) {
        const Problem p = parse_problem(text);
        CAPTURE(text);
        Operands operands(p);
        set_black_and_white(operands);
        set_product(p, gaussian_taps(p.R, static_cast<double>(p.R) / 6),
                    gaussian_taps(p.S, static_cast<double>(p.S) / 6), operands);
        const auto exact = run("naive", p, operands);
        conv::test::for_each_simd_target([&](const std::string& target) {
            CAPTURE(target);
            CHECK(largest_difference(run("sliding", p, operands), exact) <= kSlidingShare);
        });
    }
}

TEST_CASE("sliding: boxes over whole numbers are exact sums, rounded once a line") {
    const Problem p = parse_problem("n1c1h200w70_k1r33s21_p16x16x10x10_breflect101");
    Operands operands(p);
    for (float& x : operands.src) x = std::round(255 * std::abs(x));
    std::fill(operands.weights.begin(), operands.weights.end(), 1.0F);
    operands.bias = {0};
    CHECK(run("sliding", p, operands) == run("naive", p, operands));
}

TEST_CASE("sliding: NaN and Inf reach exactly the outputs whose window touches them") {
    const Problem p = parse_problem("n1c1h150w60_k1r15s15_p7_breflect101");
    Operands operands(p);
    set_product(p, gaussian_taps(15, 2.5), gaussian_taps(15, 2.5), operands);
    operands.src[40 * 60 + 30] = std::numeric_limits<float>::quiet_NaN();
    operands.src[100 * 60 + 3] = std::numeric_limits<float>::infinity();
    const auto exact = run("naive", p, operands), result = run("sliding", p, operands);
    std::size_t different = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        different += std::isfinite(exact[i]) != std::isfinite(result[i]);
        if (std::isfinite(exact[i])) CHECK(std::abs(exact[i] - result[i]) <= 1e-3);
    }
    CHECK(different == 0);
}

TEST_CASE(
    "sliding: what is no symmetric column times a symmetric row is refused, with the reason") {
    const auto rejection = [](const char* text, bool symmetric) {
        const Problem p = parse_problem(text);
        Operands operands(p);
        if (symmetric) std::fill(operands.weights.begin(), operands.weights.end(), 1.0F);
        return sliding_method().offer(p, operands.view()).rejection;
    };
    CHECK(rejection("n1c1h9w9_k1r3s3", false).find("symmetric") != std::string::npos);
    CHECK(rejection("n1c3h9w9_k1r3s3", true).find("each channel") != std::string::npos);
    CHECK(rejection("n1c1h9w9_k1r3s3_d2", true).find("dilation") != std::string::npos);
    CHECK(rejection("n1c1h9w9_k1r3s3", true).empty());
}
