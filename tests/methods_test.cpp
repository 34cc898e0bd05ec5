#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "conv/convolve.hpp"
#include "cpu/cpu_device.hpp"
#include "support/method_runs.hpp"
#include "support/simd_targets.hpp"

using namespace conv;
using namespace conv::test;

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
        const std::vector<float> oracle = run_method(device, "naive", problem, operands);
        for_each_method(
            problem, operands.view(),
            [&](const Device& on, const Method& method, const Offer& offer) {
                const std::vector<float> result = run_method(on, method.name, problem, operands);
                const double factor = offer.error_factor;
                CHECK(worst_error_ratio(problem, operands, result, oracle, factor) <= 1);
                ++taken[on.name + " " + method.name];
            });
        ++problems;
    }
    // Those that refuse random kernels get others.
    for (const auto& [name, random] : named_problems()) {
        Problem problem = random;
        problem.facts.samples = SampleType::u8;
        CAPTURE(format_problem(problem));
        const WholeOperands operands(problem);
        std::vector<float> oracle;
        for (const Device& on : test_devices().found) {
            for (const Method& method : on.methods) {
                const std::string name_of_both = on.name + " " + method.name;
                const Offer offer = method.offer(problem, operands.view());
                if (taken[name_of_both] > few || !offer.can_run()) continue;
                CAPTURE(name_of_both);
                const Source src = operands.source(problem);
                if (oracle.empty())
                    oracle = run_method(device, "naive", problem, src, operands.view());
                const auto result = run_method(on, method.name, problem, src, operands.view());
                const double factor = offer.error_factor;
                CHECK(worst_error_ratio(problem, operands, result, oracle, factor) <= 1);
                ++whole_taken[name_of_both];
            }
        }
    }
    // A method that refuses everything has agreed with nothing.
    for (const Device& on : test_devices().found) {
        for (const Method& method : on.methods) {
            CAPTURE(on.name);
            CAPTURE(method.name);
            if (lacks_its_library(method)) {
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

TEST_CASE("methods: SIMD loops agree with naive with every instruction set") {
    const Device device = cpu_device();
    for (const auto& named : named_problems()) {
        const Problem& problem = named.problem;
        CAPTURE(named.name);
        const Operands operands = low_rank_operands(problem, 1);
        const std::vector<float> oracle = run_method(device, "naive", problem, operands);
        for (const Method& simd : device.methods) {
            const Offer offer = simd.offer(problem, operands.view());
            if (simd.name == "naive" || !offer.can_run()) continue;
            const double factor = offer.error_factor;
            for_each_simd_target([&](const std::string& target) {
                CAPTURE(simd.name);
                CAPTURE(target);
                const std::vector<float> result = run_method(device, simd.name, problem, operands);
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
            const std::vector<float> oracle = run_method(device, "naive", problem, operands);
            const std::vector<float> result = run_method(device, "separable", problem, operands);
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
            const std::vector<float> oracle = run_method(device, "naive", p, operands, true);
            for_each_method(
                p, operands.view(),
                [&](const Device& on, const Method& method, const Offer& offer) {
                    const std::vector<float> result =
                        run_method(on, method.name, p, operands, true);
                    const double factor = offer.error_factor;
                    CHECK(worst_error_ratio(p, operands, result, oracle, factor, true) <= 1);
                });
        }
    }
}

TEST_CASE("methods: the same bytes for 1, 2 and 5 threads") {
    for (const char* text : {"n1c3h301w517_k2r5s5_p2_breflect101", "n5c2h40w33_k3r3s3_p1_s2",
                             "n1c4h200w90_k4r1s1", "n1c8h9w9_k96r3s3_p1"}) {
        const Problem p = parse_problem(text);
        CAPTURE(text);
        const Operands operands = low_rank_operands(p, 1);
        for_each_method(p, operands.view(),
                        [&](const Device& on, const Method& method, const Offer&) {
                            const auto one = run_method(on, method.name, p, operands, false, 1);
                            CHECK(run_method(on, method.name, p, operands, false, 2) == one);
                            CHECK(run_method(on, method.name, p, operands, false, 5) == one);
                        });
    }
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
        const std::vector<float> oracle = run_method(device, "naive", p, operands, true);
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
