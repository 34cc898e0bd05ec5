#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "conv/convolve.hpp"
#include "conv/local_error.hpp"
#include "cpu/cpu_device.hpp"
#include "support/method_runs.hpp"

using namespace conv;
using namespace conv::test;

namespace {

/// Samples that differ by many orders of magnitude.
Operands uneven_operands(const Problem& p, const std::string& kind) {
    Operands operands = low_rank_operands(p, 1);
    const auto exponents = random_values(static_cast<std::int64_t>(operands.src.size()), 9);
    std::size_t i = 0;
    for (float& x : operands.src) {
        const std::size_t at = i++;
        const bool second =
            2 * (at / static_cast<std::size_t>(p.W)) % static_cast<std::size_t>(2 * p.H) >=
            static_cast<std::size_t>(p.H);
        if (kind == "decades") x = std::copysign(std::pow(10.0F, 6 * exponents[at]), x);
        if (kind == "bands") x *= second ? 1e6F : 1e-3F;
        if (kind == "half" && second) x = 0;
    }
    float& corner = operands.src[static_cast<std::size_t>(p.W) + 1];
    // Reflected four times it still is a number.
    if (kind == "huge") corner = -5e37F;
    if (kind == "nan") corner = kNaN;
    if (kind == "inf") corner = std::numeric_limits<float>::infinity();
    return operands;
}

}  // namespace

TEST_CASE("methods: every output keeps the local error, whatever stands elsewhere") {
    const Device device = cpu_device();
    for (const char* text : {"n1c1h90w110_k1r15s15_p7_breflect101", "n1c2h70w61_k2r9s11_p4x4x5x5",
                             "n3c1h60w52_k1r9s9_p4", "n1c16h23w29_k16r3s3_p1",
                             "n1c1h64w80_k1r9s9_s2_d2", "n1c1h40w900_k1r1s31_p0x0x15x15"}) {
        const Problem p = parse_problem(text);
        CAPTURE(text);
        for (const std::string kind : {"decades", "huge", "nan", "inf", "half", "bands"}) {
            CAPTURE(kind);
            const Operands operands = uneven_operands(p, kind);
            const bool interleaved = p.N > 1;
            const auto oracle = run_method(device, "naive", p, operands, interleaved);
            for_each_method(
                p, operands.view(),
                [&](const Device& on, const Method& method, const Offer& offer) {
                    const auto result = run_method(on, method.name, p, operands, interleaved);
                    const ErrorRatios ratios =
                        error_ratios(p, operands, result, oracle, offer.error_factor, interleaved);
                    CHECK(ratios.worst <= 1);
                    // Seven lost bits show in the mean: of a few 1e-8 measured it would
                    // be some 1e-6.
                    CHECK(ratios.mean <= kMeanError);
                    std::size_t different = 0;
                    for (std::size_t i = 0; i < result.size(); ++i) {
                        different += std::isfinite(result[i]) != std::isfinite(oracle[i]);
                    }
                    CHECK(different == 0);
                });
        }
    }
}

TEST_CASE("methods: windows of zeros give the bias itself") {
    for (const char* text : {"n1c1h150w140_k1r15s15_p7", "n1c16h40w40_k16r3s3_p1"}) {
        const Problem p = parse_problem(text);
        CAPTURE(text);
        Operands operands = low_rank_operands(p, 1);
        const std::int64_t rows = p.H / 2;
        for (std::int64_t c = 0; c < p.C; ++c) {
            std::fill_n(operands.src.begin() + c * p.H * p.W, rows * p.W, 0.0F);
        }
        for_each_method(
            p, operands.view(), [&](const Device& on, const Method& method, const Offer&) {
                const auto result = run_method(on, method.name, p, operands);
                std::size_t different = 0;
                for (std::int64_t k = 0; k < p.K; ++k) {
                    for (std::int64_t i = 0; i < (rows - p.R / 2) * p.Q(); ++i) {
                        different += result[static_cast<std::size_t>(k * p.P() * p.Q() + i)] !=
                                     operands.bias[static_cast<std::size_t>(k)];
                    }
                }
                CHECK(different == 0);
            });
    }
}

TEST_CASE("methods: a constant under boxes keeps the local error up to 101 x 101") {
    for (const char* text : {"n1c1h16w40_k1r3s3", "n1c1h50w70_k1r31s31", "n1c1h120w130_k1r101s101",
                             "n1c1h2w400_k1r1s301"}) {
        const Problem p = parse_problem(text);
        CAPTURE(text);
        Operands operands(p);
        std::fill(operands.src.begin(), operands.src.end(), 0.1F);
        std::fill(operands.weights.begin(), operands.weights.end(), 0.1F);
        operands.bias = {0};
        const double exact = double{0.1F} * double{0.1F} * static_cast<double>(p.R * p.S);
        for_each_method(p, operands.view(),
                        [&](const Device& on, const Method& method, const Offer&) {
                            const auto result = run_method(on, method.name, p, operands);
                            double worst = 0;
                            for (const float x : result)
                                worst = std::max(worst, std::abs(double{x} - exact));
                            CHECK(worst <= kLocalError * exact);
                        });
    }
}

TEST_CASE("methods: NaN and Inf reach exactly the outputs whose window touches them") {
    const Device device = cpu_device();
    for (const char* text : {"n1c2h24w31_k2r5s3_p2x2x1x1", "n1c1h40w35_k1r3s3_p2_s2_d2_breflect",
                             "n1c2h9w9_k2r1s1", "n1c4h20w21_k4r3s3_p1_g2"}) {
        const Problem p = parse_problem(text);
        CAPTURE(text);
        Operands operands = low_rank_operands(p, 1);
        operands.src[static_cast<std::size_t>(7 * p.W + 5)] = kNaN;
        operands.src[static_cast<std::size_t>(p.H * p.W - 3)] =
            std::numeric_limits<float>::infinity();
        const auto oracle = run_method(device, "naive", p, operands);
        for_each_method(p, operands.view(),
                        [&](const Device& on, const Method& method, const Offer&) {
                            const auto result = run_method(on, method.name, p, operands);
                            REQUIRE(result.size() == oracle.size());
                            std::size_t different = 0;
                            for (std::size_t i = 0; i < result.size(); ++i) {
                                different += std::isfinite(result[i]) != std::isfinite(oracle[i]);
                            }
                            CHECK(different == 0);
                        });
    }
}

TEST_CASE("methods: an impulse is answered by the kernel turned by 180 degrees") {
    const Problem p = parse_problem("n1c1h9w9_k1r3s5_p1x1x2x2");
    Operands operands = low_rank_operands(p, 1);
    std::fill(operands.src.begin(), operands.src.end(), 0.0F);
    operands.src[4 * 9 + 4] = 1;
    operands.bias[0] = 0;
    for_each_method(p, operands.view(), [&](const Device& on, const Method& method, const Offer&) {
        const auto result = run_method(on, method.name, p, operands);
        for (std::int64_t r = 0; r < 3; ++r) {
            for (std::int64_t s = 0; s < 5; ++s) {
                const float answer = result[static_cast<std::size_t>((5 - r) * 9 + 6 - s)];
                CHECK(answer ==
                      doctest::Approx(operands.weights[static_cast<std::size_t>(r * 5 + s)])
                          .epsilon(1e-5));
            }
        }
    });
}

TEST_CASE("methods: every sample type reads as its own units") {
    const Problem p = parse_problem("n1c1h5w6_k1r3s3_p1_breplicate");
    const Operands operands = low_rank_operands(p, 1);
    std::vector<std::uint8_t> bytes(30);
    std::vector<std::uint16_t> words(30);
    std::vector<float> floats(30);
    for (std::size_t i = 0; i < 30; ++i) {
        bytes[i] = static_cast<std::uint8_t>(i * 8);
        words[i] = static_cast<std::uint16_t>(i * 8);
        floats[i] = static_cast<float>(i * 8);
    }
    for_each_method(p, operands.view(), [&](const Device& on, const Method& method, const Offer&) {
        std::vector<std::vector<float>> results;
        for (const auto& [type, data] :
             {std::pair<SampleType, const void*>{SampleType::u8, bytes.data()},
              {SampleType::u16, words.data()},
              {SampleType::f32, floats.data()}}) {
            std::vector<float> dst(30, kNaN);
            convolve(on, method.name, p,
                     Source(type, data, p.src_shape(), planar_strides(p.src_shape())),
                     operands.view(), {dst.data(), p.dst_shape(), planar_strides(p.dst_shape())});
            results.push_back(dst);
        }
        CHECK(results[0] == results[2]);
        CHECK(results[1] == results[2]);
    });
}

TEST_CASE("methods: the worked examples hold, exactly where only sums are rounded") {
    const Problem p = parse_problem("n1c1h3w3_k1r2s2");
    const std::vector<float> src = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const std::vector<float> weights = {9, 8, 7, 6};
    for_each_method(
        p, {weights, {}}, [&](const Device& on, const Method& method, const Offer& offer) {
            std::vector<float> dst(4, kNaN);
            convolve(on, method.name, p,
                     Source(TensorView<const float>{src.data(), p.src_shape(),
                                                    planar_strides(p.src_shape())}),
                     {weights, {}}, {dst.data(), p.dst_shape(), planar_strides(p.dst_shape())});
            const std::vector<float> expected = {83, 113, 173, 203};
            const bool exact = offer.error_factor <= 1;
            for (std::size_t i = 0; i < expected.size(); ++i) {
                CHECK(std::abs(dst[i] - expected[i]) <= (exact ? 0.0F : 1e-4F));
            }
        });
}

TEST_CASE("methods: integer kernels on integer pictures are exact, transforms round to exact") {
    const Device device = cpu_device();
    const Problem p = parse_problem("n1c2h21w40_k2r5s5_p2_breflect101");
    Operands operands(p);
    for (float& x : operands.src) x = std::floor(x * 128) + 128;
    constexpr std::array<float, 5> kBinomial = {1, 4, 6, 4, 1}, kDerivative = {-1, -2, 0, 2, 1};
    for (std::size_t i = 0; i < operands.weights.size(); ++i) {
        operands.weights[i] = kBinomial[i / 5 % 5] * kDerivative[i % 5];
    }
    operands.bias = {3, -7};
    const auto oracle = run_method(device, "naive", p, operands);
    for_each_method(p, operands.view(), [&](const Device& on, const Method& method, const Offer&) {
        std::vector<float> result = run_method(on, method.name, p, operands);
        // Sums of products keep integers; transforms (fft, winograd) leave them within a half.
        const bool transforms = method.name == "fft" || method.name == "winograd";
        if (transforms)
            std::transform(result.begin(), result.end(), result.begin(), std::nearbyintf);
        CHECK(result == oracle);
    });
}
