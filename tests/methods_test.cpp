#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "conv/convolve.hpp"
#include "conv/error_bound.hpp"
#include "cpu/cpu_device.hpp"
#include "support/operands.hpp"
#include "support/problems.hpp"
#include "support/simd_targets.hpp"
#include "support/test_devices.hpp"

using namespace conv;
using conv::testing::low_rank_operands;
using conv::testing::NamedProblem;
using conv::testing::Operands;
using conv::testing::random_values;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kGuard = 1234.5F;
constexpr std::size_t kGuardFloats = 64;

/// Memory for a tensor, filled with NaN, with guard values on both sides.
class GuardedTensor {
public:
    GuardedTensor(const Shape& shape, const Strides& strides)
        : memory_(
              static_cast<std::size_t>(shape.N * shape.C * shape.H * shape.W) + 2 * kGuardFloats,
              kNaN),
          shape_(shape),
          strides_(strides) {
        std::fill_n(memory_.begin(), kGuardFloats, kGuard);
        std::fill_n(memory_.end() - kGuardFloats, kGuardFloats, kGuard);
    }
    TensorView<float> view() { return {memory_.data() + kGuardFloats, shape_, strides_}; }
    std::vector<float> values() const {
        return {memory_.begin() + kGuardFloats, memory_.end() - kGuardFloats};
    }
    bool guards_intact() const {
        const auto intact = [](float x) { return x == kGuard; };
        return std::all_of(memory_.begin(), memory_.begin() + kGuardFloats, intact) &&
               std::all_of(memory_.end() - kGuardFloats, memory_.end(), intact);
    }

private:
    std::vector<float> memory_;
    Shape shape_;
    Strides strides_;
};

/// Pictures one after the other, or interleaved sample by sample as the channels of a picture are.
Strides batch_strides(const Shape& s, bool interleaved) {
    if (!interleaved) return planar_strides(s);
    return {1, s.H * s.W * s.N, s.W * s.N, s.N};
}

std::vector<float> run(const Device& device, const std::string& method, const Problem& p,
                       const Source& src, const Weights& weights, bool interleaved = false,
                       int threads = 1) {
    GuardedTensor dst(p.dst_shape(), batch_strides(p.dst_shape(), interleaved));
    const Choice choice = convolve(device, method, p, src, weights, dst.view(),
                                   {.threads = threads, .max_memory = {}, .memory_in_use = 0});
    if (method != "auto") CHECK(choice.method->name == method);
    CHECK(dst.guards_intact());
    return dst.values();
}

std::vector<float> run(const Device& device, const std::string& method, const Problem& p,
                       const Operands& operands, bool interleaved = false, int threads = 1) {
    const Source src(TensorView<const float>{operands.src.data(), p.src_shape(),
                                             batch_strides(p.src_shape(), interleaved)});
    return run(device, method, p, src, operands.view(), interleaved, threads);
}

/// 8-bit samples, and kernels that are products of a column and a row of whole numbers: what
/// methods take that refuse random kernels.
struct WholeOperands : Operands {
    std::vector<std::uint8_t> bytes;
    std::vector<std::int32_t> whole, whole_bias;

    explicit WholeOperands(const Problem& p) : Operands(p) {
        std::size_t at = 0;
        for (std::int64_t k = 0; k < p.K * p.group_channels(); ++k) {
            for (std::int64_t i = 0; i < p.R * p.S; ++i, ++at) {
                whole.push_back(static_cast<std::int32_t>(((i / p.S + k) % 5 - 2) * (i % p.S % 4)));
                weights[at] = static_cast<float>(whole.back());
            }
        }
        for (float& b : bias)
            whole_bias.push_back(static_cast<std::int32_t>(b = std::round(9 * b)));
        for (float& x : src)
            bytes.push_back(static_cast<std::uint8_t>(x = std::round(x * 127 + 128)));
    }
    Weights view() const { return {weights, bias, {whole, whole_bias, 1}}; }
    Source source(const Problem& p) const {
        return {SampleType::u8, bytes.data(), p.src_shape(), planar_strides(p.src_shape())};
    }
};

/// Errors of a result over what its outputs may be off (conv/error_bound.hpp), the largest; and
/// over sum |w||x| + |bias|, the mean.
struct ErrorRatios {
    double worst = 0, mean = 0;
};

ErrorRatios error_ratios(const Problem& p, const Operands& operands,
                         const std::vector<float>& result, const std::vector<float>& oracle,
                         double factor, bool interleaved = false) {
    Operands sizes = operands;
    for (float& x : sizes.src) x = std::abs(x);
    for (float& w : sizes.weights) w = std::abs(w);
    std::fill(sizes.bias.begin(), sizes.bias.end(), 0.0F);
    Problem magnitudes = p;
    for (float& x : magnitudes.border.values) x = std::abs(x);
    const Device device = cpu_device();
    const auto sums = run(device, "direct", magnitudes, sizes, interleaved);
    const ErrorBound bound(device, p, operands.view());
    ErrorRatios ratios;
    const Shape shape = p.dst_shape();
    const Strides strides = batch_strides(shape, interleaved);
    for (std::int64_t k = 0; k < p.K; ++k) {
        const double bias = std::abs(double{operands.bias[static_cast<std::size_t>(k)]});
        for (std::int64_t i = 0; i < shape.N * shape.H * shape.W; ++i) {
            const std::int64_t pixel = i % (shape.H * shape.W);
            const auto at =
                static_cast<std::size_t>(i / (shape.H * shape.W) * strides.N + k * strides.C +
                                         pixel / shape.W * strides.H + pixel % shape.W * strides.W);
            if (!std::isfinite(oracle[at]) && !std::isfinite(result[at])) continue;
            const double error = std::abs(double{result[at]} - double{oracle[at]});
            // The oracle is rounded, too.
            const double allowed = bound.allowed(k, double{sums[at]}, factor) +
                                   std::abs(double{oracle[at]}) / (1 << 24);
            if (error == 0) continue;
            ratios.worst =
                std::max(ratios.worst, std::isnan(error) ? std::numeric_limits<double>::infinity()
                                                         : error / allowed);
            ratios.mean += error / (double{sums[at]} + bias) / static_cast<double>(oracle.size());
        }
    }
    return ratios;
}

double worst_error_ratio(const Problem& p, const Operands& operands,
                         const std::vector<float>& result, const std::vector<float>& oracle,
                         double factor, bool interleaved = false) {
    return error_ratios(p, operands, result, oracle, factor, interleaved).worst;
}

/// Calls body(device, method, offer) for every method of every device that takes the problem.
template <typename Body>
void for_each_method(const Problem& p, const Weights& weights, const Body& body) {
    for (const Device& device : conv::testing::test_devices().found) {
        CAPTURE(device.name);
        for (const Method& method : device.methods) {
            const Offer offer = method.offer(p, weights);
            if (!offer.can_run()) continue;
            CAPTURE(method.name);
            body(device, method, offer);
        }
    }
}

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

std::vector<NamedProblem> all_problems() {
    std::vector<NamedProblem> problems = conv::testing::named_problems();
    for (NamedProblem& swept : conv::testing::size_sweep()) problems.push_back(std::move(swept));
    return problems;
}

}  // namespace

TEST_CASE("methods: each agrees with naive on every problem it accepts") {
    const Device device = cpu_device();
    std::map<std::string, int> taken, whole_taken;
    constexpr int few = 10;
    int problems = 0;
    for (const auto& named : all_problems()) {
        const Problem& problem = named.problem;
        CAPTURE(named.name);
        CAPTURE(format_problem(problem));
        const Operands operands(problem);
        const std::vector<float> oracle = run(device, "naive", problem, operands);
        for_each_method(
            problem, operands.view(),
            [&](const Device& on, const Method& method, const Offer& offer) {
                const std::vector<float> result = run(on, method.name, problem, operands);
                const double factor = offer.error_factor;
                CHECK(worst_error_ratio(problem, operands, result, oracle, factor) <= 1);
                ++taken[on.name + " " + method.name];
            });
        ++problems;
    }
    // Those that refuse random kernels get others.
    for (const auto& [name, random] : conv::testing::named_problems()) {
        Problem problem = random;
        problem.samples = SampleType::u8;
        CAPTURE(format_problem(problem));
        const WholeOperands operands(problem);
        std::vector<float> oracle;
        for (const Device& on : conv::testing::test_devices().found) {
            for (const Method& method : on.methods) {
                const std::string name_of_both = on.name + " " + method.name;
                const Offer offer = method.offer(problem, operands.view());
                if (taken[name_of_both] > few || !offer.can_run()) continue;
                CAPTURE(name_of_both);
                const Source src = operands.source(problem);
                if (oracle.empty()) oracle = run(device, "naive", problem, src, operands.view());
                const auto result = run(on, method.name, problem, src, operands.view());
                const double factor = offer.error_factor;
                CHECK(worst_error_ratio(problem, operands, result, oracle, factor) <= 1);
                ++whole_taken[name_of_both];
            }
        }
    }
    // A method that refuses everything has agreed with nothing.
    for (const Device& on : conv::testing::test_devices().found) {
        for (const Method& method : on.methods) {
            CAPTURE(on.name);
            CAPTURE(method.name);
            if (conv::testing::lacks_its_library(method)) {
                MESSAGE("skipped: its library is not there");
                continue;
            }
            const int count = taken[on.name + " " + method.name];
            const int whole = whole_taken[on.name + " " + method.name];
            if (on.name != device.name && whole == 0) {
                CHECK(2 * count > problems);
            } else {
                CHECK(std::max(count, whole) > few);
            }
        }
    }
}

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
            const auto oracle = run(device, "naive", p, operands, interleaved);
            for_each_method(p, operands.view(),
                            [&](const Device& on, const Method& method, const Offer& offer) {
                                const auto result = run(on, method.name, p, operands, interleaved);
                                const ErrorRatios ratios = error_ratios(
                                    p, operands, result, oracle, offer.error_factor, interleaved);
                                CHECK(ratios.worst <= 1);
                                // Seven lost bits show in the mean: of a few 1e-8 measured it would
                                // be some 1e-6.
                                CHECK(ratios.mean <= kMeanError);
                                std::size_t different = 0;
                                for (std::size_t i = 0; i < result.size(); ++i) {
                                    different +=
                                        std::isfinite(result[i]) != std::isfinite(oracle[i]);
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
                const auto result = run(on, method.name, p, operands);
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
                            const auto result = run(on, method.name, p, operands);
                            double worst = 0;
                            for (const float x : result)
                                worst = std::max(worst, std::abs(double{x} - exact));
                            CHECK(worst <= kLocalError * exact);
                        });
    }
}

TEST_CASE("methods: SIMD loops agree with naive with every instruction set") {
    const Device device = cpu_device();
    for (const auto& named : conv::testing::named_problems()) {
        const Problem& problem = named.problem;
        CAPTURE(named.name);
        const Operands operands = low_rank_operands(problem, 1);
        const std::vector<float> oracle = run(device, "naive", problem, operands);
        for (const Method& simd : device.methods) {
            const Offer offer = simd.offer(problem, operands.view());
            if (simd.name == "naive" || !offer.can_run()) continue;
            const double factor = offer.error_factor;
            conv::testing::for_each_simd_target([&](const std::string& target) {
                CAPTURE(simd.name);
                CAPTURE(target);
                const std::vector<float> result = run(device, simd.name, problem, operands);
                CHECK(worst_error_ratio(problem, operands, result, oracle, factor) <= 1);
            });
        }
    }
}

TEST_CASE("methods: separable takes every kernel of low rank, and agrees with naive") {
    const Device device = cpu_device();
    const Method& separable = find_method(device, "separable");
    for (const auto& named : all_problems()) {
        const Problem& problem = named.problem;
        for (const std::int64_t rank : {0, 1, 2, 3}) {
            if (problem.R == 1 || problem.S == 1 ||
                std::max<std::int64_t>(rank, 1) * (problem.R + problem.S) >=
                    problem.R * problem.S) {
                continue;
            }
            CAPTURE(named.name);
            CAPTURE(rank);
            const Operands operands = low_rank_operands(problem, rank);
            const Offer offer = separable.offer(problem, operands.view());
            CHECK(offer.rejection == "");
            if (!offer.can_run()) continue;
            const std::vector<float> oracle = run(device, "naive", problem, operands);
            const std::vector<float> result = run(device, "separable", problem, operands);
            const double factor = offer.error_factor;
            CHECK(worst_error_ratio(problem, operands, result, oracle, factor) <= 1);
            if (rank == 1) CHECK(factor <= 2.001);
        }
    }
}

TEST_CASE("methods: interleaved pictures give the same as pictures one after the other") {
    const Device device = cpu_device();
    for (const auto& named : all_problems()) {
        const Problem& problem = named.problem;
        for (const std::int64_t pictures : {2, 3, 4}) {
            const Problem p = problem.with_batch(pictures);
            if (p.macs() > 3e7) continue;
            CAPTURE(named.name);
            CAPTURE(pictures);
            const Operands operands = low_rank_operands(p, 1);
            const std::vector<float> oracle = run(device, "naive", p, operands, true);
            for_each_method(
                p, operands.view(),
                [&](const Device& on, const Method& method, const Offer& offer) {
                    const std::vector<float> result = run(on, method.name, p, operands, true);
                    const double factor = offer.error_factor;
                    CHECK(worst_error_ratio(p, operands, result, oracle, factor, true) <= 1);
                });
        }
    }
}

TEST_CASE("methods: the same bytes for 1, 2 and 5 threads") {
    for (const char* text :
         {"n1c3h301w517_k2r5s5_p2_breflect101", "n5c2h40w33_k3r3s3_p1_s2", "n1c4h200w90_k4r1s1"}) {
        const Problem p = parse_problem(text);
        CAPTURE(text);
        const Operands operands = low_rank_operands(p, 1);
        for_each_method(p, operands.view(),
                        [&](const Device& on, const Method& method, const Offer&) {
                            const auto one = run(on, method.name, p, operands, false, 1);
                            CHECK(run(on, method.name, p, operands, false, 2) == one);
                            CHECK(run(on, method.name, p, operands, false, 5) == one);
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
        const auto oracle = run(device, "naive", p, operands);
        for_each_method(p, operands.view(),
                        [&](const Device& on, const Method& method, const Offer&) {
                            const auto result = run(on, method.name, p, operands);
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
        const auto result = run(on, method.name, p, operands);
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
    const auto oracle = run(device, "naive", p, operands);
    for_each_method(p, operands.view(), [&](const Device& on, const Method& method, const Offer&) {
        std::vector<float> result = run(on, method.name, p, operands);
        // Sums of products keep integers; transforms (fft, winograd) leave them within a half.
        const bool transforms = method.name == "fft" || method.name == "winograd";
        if (transforms)
            std::transform(result.begin(), result.end(), result.begin(), std::nearbyintf);
        CHECK(result == oracle);
    });
}

TEST_CASE("methods: separable refuses what two passes would not make cheaper") {
    const Device device = cpu_device();
    const auto refusal = [&](const char* text, std::int64_t rank) {
        const Problem p = parse_problem(text);
        const Operands operands = low_rank_operands(p, rank);
        return find_method(device, "separable").offer(p, operands.view()).rejection;
    };
    CHECK(refusal("n1c1h9w9_k1r1s5", 1) == "the kernel is one row or one column already");
    CHECK(refusal("n1c1h9w9_k1r5s1", 1) == "the kernel is one row or one column already");
    CHECK(refusal("n1c1h9w9_k1r2s2", 1) == "two passes cost more than one for a 2x2 kernel");
    CHECK(refusal("n1c1h9w9_k1r3s3", 2) ==
          "the kernel is not a sum of 1 or fewer products of a column and a row, so two passes "
          "cost more than one");
    CHECK(refusal("n1c1h9w9_k1r7s7", 4).find("sum of 3 or fewer") != std::string::npos);
    CHECK(refusal("n1c1h9w9_k1r7s7", 3) == "");
}

TEST_CASE("methods: a run stays within the workspace that was predicted, whatever it held before") {
    const Device device = cpu_device();
    std::vector<NamedProblem> problems = all_problems();
    for (const char* text : {"n1c1h150w170_k1r15s15_p7_breflect101", "n3c1h64w80_k1r9s9_p4",
                             "n1c20h37w41_k12r3s3_p1", "n2c6h31w50_k4r3s3_p1_g2"}) {
        problems.push_back({text, parse_problem(text)});
    }
    for (const auto& named : problems) {
        const Problem& p = named.problem;
        const Operands operands(p);
        CAPTURE(named.name);
        const std::vector<float> oracle = run(device, "naive", p, operands, true);
        for (const Method& method : device.methods) {
            const Offer offer = method.offer(p, operands.view());
            if (!offer.can_run()) continue;
            CAPTURE(method.name);
            const Plan plan = offer.prepare();
            CHECK(plan.memory() == offer.memory);
            const std::int64_t floats = plan.workspace_bytes / 4;
            AlignedBuffer<float> workspace(floats + 16);
            std::fill_n(workspace.data(), floats, kNaN);
            std::fill_n(workspace.data() + floats, 16, kGuard);
            GuardedTensor dst(p.dst_shape(), batch_strides(p.dst_shape(), true));
            const Source src(TensorView<const float>{operands.src.data(), p.src_shape(),
                                                     batch_strides(p.src_shape(), true)});
            for (std::int64_t h = 0; h < p.P(); h += plan.block_rows) {
                const RowRange rows{h, std::min(plan.block_rows, p.P() - h)};
                plan.run(src, rows, dst.view().rows(h, rows.count), workspace.data());
            }
            CHECK(std::all_of(workspace.data() + floats, workspace.data() + floats + 16,
                              [](float x) { return x == kGuard; }));
            CHECK(worst_error_ratio(p, operands, dst.values(), oracle, offer.error_factor, true) <=
                  1);
        }
    }
}

TEST_CASE("convolve: operands that do not have the problem's sizes are refused") {
    const Device device = cpu_device();
    const Problem p = parse_problem("n1c1h3w3_k1r2s2");
    const std::vector<float> src(9), weights(4);
    std::vector<float> dst(4);
    const Source source(
        TensorView<const float>{src.data(), p.src_shape(), planar_strides(p.src_shape())});
    const TensorView<float> view{dst.data(), p.dst_shape(), planar_strides(p.dst_shape())};
    CHECK_THROWS_AS(convolve(device, "naive", p, source, {std::span(weights).first(3), {}}, view),
                    Error);
    CHECK_THROWS_AS(convolve(device, "naive", p, source, {weights, weights}, view), Error);
    Problem other = p;
    other.H = 4;
    CHECK_THROWS_AS(convolve(device, "naive", other, source, {weights, {}}, view), Error);
}
