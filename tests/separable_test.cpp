#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "base/aligned_buffer.hpp"
#include "cpu/cpu_device.hpp"
#include "support/problems.hpp"
#include "support/simd_targets.hpp"

using namespace conv;

namespace {

/// Pictures of bytes, and kernels that are products of a column and a row.
struct ByteOperands {
    Problem problem;
    std::vector<std::uint8_t> samples;
    std::vector<float> weights, bias;

    /// `gain`: what the weights of a kernel add up to, about.
    ByteOperands(const Problem& p, float gain) : problem(p) {
        std::mt19937 generator(3);
        std::uniform_int_distribution<int> level(0, 255);
        std::uniform_real_distribution<float> uniform(-0.2F, 1.0F);
        for (std::int64_t i = 0; i < p.N * p.C * p.H * p.W; ++i) {
            samples.push_back(static_cast<std::uint8_t>(level(generator)));
        }
        for (std::int64_t kernel = 0; kernel < p.K * p.group_channels(); ++kernel) {
            std::vector<float> column, row;
            for (std::int64_t r = 0; r < p.R; ++r) column.push_back(uniform(generator));
            for (std::int64_t s = 0; s < p.S; ++s) row.push_back(uniform(generator));
            const float scale = gain * 6 / static_cast<float>(p.group_channels() * p.R * p.S);
            for (const float c : column) {
                for (const float x : row) weights.push_back(scale * c * x);
            }
        }
        for (std::int64_t k = 0; k < p.K; ++k) bias.push_back(uniform(generator));
    }
    Weights view() const { return {weights, bias}; }
    Source source() const {
        const Shape& s = problem.src_shape();
        const Strides interleaved{1, s.H * s.W * s.N, s.W * s.N, s.N};
        return {SampleType::u8, samples.data(), s, s.N == 1 ? planar_strides(s) : interleaved};
    }
};

/// All rows of a problem, block by block, each block with a gap of guards after its rows.
template <typename T>
struct Result {
    static constexpr T kGuard = 77;
    std::vector<T> values;
    Lost lost;
    bool guards_intact = true;

    template <typename Run>
    Result(const Problem& p, const Plan& plan, const Run& run) {
        const std::int64_t line = p.Q() * p.N, step = line + 5;
        values.resize(static_cast<std::size_t>(p.K * p.P() * line));
        AlignedBuffer<std::byte> workspace(plan.workspace_bytes);
        // Every bit set reads as NaN.
        std::fill_n(workspace.data(), workspace.size(), std::byte{255});
        for (std::int64_t first = 0; first < p.P(); first += plan.block_rows) {
            const RowRange rows{first, std::min(plan.block_rows, p.P() - first)};
            std::vector<T> block(static_cast<std::size_t>(p.K * rows.count * step), kGuard);
            const TensorView<T> dst{
                block.data(), {p.N, p.K, rows.count, p.Q()}, {1, rows.count * step, step, p.N}};
            lost += run(rows, dst, reinterpret_cast<float*>(workspace.data()));
            collect(p, rows, block, step);
        }
    }

private:
    void collect(const Problem& p, RowRange rows, const std::vector<T>& block, std::int64_t step) {
        const std::int64_t line = p.Q() * p.N;
        auto at = block.begin();
        for (std::int64_t k = 0; k < p.K; ++k) {
            for (std::int64_t t = rows.first; t < rows.first + rows.count; ++t, at += step) {
                std::copy_n(at, line, values.begin() + (k * p.P() + t) * line);
                guards_intact = guards_intact &&
                                std::all_of(at + line, at + step, [](T x) { return x == kGuard; });
            }
        }
    }
};

/// The sums of a plan, and the same as the plan rounds them itself.
void check_rounding(const ByteOperands& operands) {
    const Problem& p = operands.problem;
    const Plan plan =
        find_method(cpu_device(), "separable").offer(operands.problem, operands.view()).prepare();
    REQUIRE(plan.run_u8);
    const Source src = operands.source();
    const Result<float> sums(p, plan, [&](RowRange rows, TensorView<float> dst, float* workspace) {
        plan.run(src, rows, dst, workspace);
        return Lost{};
    });
    const Result<std::uint8_t> rounded(
        p, plan, [&](RowRange rows, TensorView<std::uint8_t> dst, float* workspace) {
            return plan.run_u8(src, rows, dst, workspace);
        });
    std::vector<std::uint8_t> expected(sums.values.size());
    const Lost lost = store_samples(sums.values.data(), static_cast<std::int64_t>(expected.size()),
                                    expected.data());
    CHECK(rounded.values == expected);
    CHECK(rounded.lost == lost);
    CHECK(sums.guards_intact);
    CHECK(rounded.guards_intact);
}

std::vector<float> all_rows(const char* method, const ByteOperands& operands) {
    const Problem& p = operands.problem;
    const Plan plan = find_method(cpu_device(), method).offer(p, operands.view()).prepare();
    return Result<float>(p, plan,
                         [&](RowRange rows, TensorView<float> dst, float* workspace) {
                             plan.run(operands.source(), rows, dst, workspace);
                             return Lost{};
                         })
        .values;
}

/// The worst difference from what naive gave, in multiples of what the method is allowed.
double worst_error(const ByteOperands& operands, const std::vector<float>& oracle) {
    const Problem& p = operands.problem;
    const std::vector<float> result = all_rows("separable", operands);
    double norm = 0;
    for (const float w : operands.weights) norm += std::abs(double{w});
    constexpr double kEps = 1.0 / (1 << 23);
    const double factor =
        find_method(cpu_device(), "separable").offer(p, operands.view()).error_factor;
    const double bound = 4 * factor * kEps *
                         std::sqrt(static_cast<double>(p.group_channels() * p.R * p.S)) *
                         (255 * norm + 1);
    double worst = 0;
    for (std::size_t i = 0; i < oracle.size(); ++i) {
        worst = std::max(worst, std::abs(double{oracle[i]} - double{result[i]}));
    }
    return worst / bound;
}

bool takes(const Problem& p, const ByteOperands& operands) {
    return p.R > 1 && p.S > 1 &&
           find_method(cpu_device(), "separable").offer(p, operands.view()).can_run();
}

/// Rows wider than a piece, with windows that share vectors between taps in every way; the last
/// ones are narrower than a vector.
constexpr const char* kWideProblems[] = {
    "n1c1h14w2600_k1r5s5_p2_breflect101",    "n3c1h14w1111_k1r3s3_p1_breplicate",
    "n1c1h9w2600_k1r4s17_p2x8_breflect",     "n3c1h20w1300_k1r7s33_p3x16_breflect101",
    "n1c1h20w2500_k1r2s66_p1x33_bwrap",      "n4c1h20w700_k1r6s50_p3x25_bconstant:9,300,-7,0.5",
    "n1c1h7w3000_k1r3s130_p1x70_d1x2_bwrap", "n3c1h20w900_k1r3s40_p1x20_s1x3_breflect101",
    "n2c2h70w801_k3r8s19_p4_d2x1_bwrap",     "n1c4h40w1500_k2r5s21_p2x10_g2_breflect101",
    "n1c1h30w5_k1r9s40_p4x30_breflect101",   "n3c1h5w2_k1r12s12_p11_breflect",
};

}  // namespace

TEST_CASE("separable: pieces of wide rows and every border agree with naive") {
    for (const std::string text : kWideProblems) {
        CAPTURE(text);
        const ByteOperands operands(parse_problem(text), 1);
        REQUIRE(takes(operands.problem, operands));
        const std::vector<float> oracle = all_rows("naive", operands);
        conv::test::for_each_simd_target([&](const std::string& target) {
            CAPTURE(target);
            CHECK(worst_error(operands, oracle) <= 1);
        });
    }
}

TEST_CASE("separable: results rounded on the way equal the sums rounded afterwards") {
    std::vector<conv::test::NamedProblem> problems = conv::test::named_problems();
    for (const auto& swept : conv::test::size_sweep()) problems.push_back(swept);
    for (const char* text : kWideProblems) problems.push_back({text, parse_problem(text)});
    for (const auto& named : problems) {
        const Problem& problem = named.problem;
        for (const std::int64_t pictures : {1, 3}) {
            const Problem p = problem.with_batch(pictures);
            const ByteOperands operands(p, 1);
            if (p.macs() > 3e8 || !takes(p, operands)) continue;
            CAPTURE(named.name);
            CAPTURE(pictures);
            check_rounding(operands);
        }
    }
}

TEST_CASE("separable: rounding counts what is lost once, with every instruction set") {
    for (const std::string text : kWideProblems) {
        CAPTURE(text);
        const ByteOperands loud(parse_problem(text), 3);  // most samples above the range
        conv::test::for_each_simd_target([&](const std::string& target) {
            CAPTURE(target);
            check_rounding(loud);
        });
    }
}

TEST_CASE("separable: sums that reach the ends of the range and no further lose nothing") {
    for (const std::string text : kWideProblems) {
        CAPTURE(text);
        ByteOperands operands(parse_problem(text), 1);
        const Problem& p = operands.problem;
        const auto window = static_cast<std::size_t>(p.group_channels() * p.R * p.S);
        std::fill(operands.weights.begin(), operands.weights.end(),
                  1.0F / static_cast<float>(window));
        std::fill(operands.bias.begin(), operands.bias.end(), 0.0F);
        // Whole rows of each end, wide enough for a window in between.
        for (std::size_t i = 0; i < operands.samples.size(); ++i) {
            if (i / 512 % 3 > 0) operands.samples[i] = i / 512 % 3 == 1 ? 0 : 255;
        }
        conv::test::for_each_simd_target([&](const std::string& target) {
            CAPTURE(target);
            check_rounding(operands);
        });
    }
}

TEST_CASE("separable: a kernel or border whose sums may overflow is rounded by the caller") {
    const auto rounds = [](const Problem& p, float weight) {
        ByteOperands operands(p, 1);
        for (float& w : operands.weights) w = weight;
        return bool{
            find_method(cpu_device(), "separable").offer(p, operands.view()).prepare().run_u8};
    };
    Problem p = parse_problem("n1c1h9w9_k1r3s3_p1_bconstant:0");
    CHECK(rounds(p, 0.1F));
    CHECK(!rounds(p, 1e35F));
    p.border.values = {std::numeric_limits<float>::quiet_NaN()};
    CHECK(!rounds(p, 0.1F));
}
