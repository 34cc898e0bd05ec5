#include <doctest/doctest.h>

#include "base/error.hpp"
#include "conv/planner.hpp"
#include "cpu/cpu_device.hpp"
#include "support/operands.hpp"

using namespace conv;
using conv::test::low_rank_operands;
using conv::test::Operands;

TEST_CASE("planner: a method over the memory budget is refused by name and passed over by auto") {
    const Device device = cpu_device();
    const Problem p = parse_problem("n1c1h512w512_k1r5s5_p2");
    const Operands operands(p);
    const Limits limits{.threads = 1, .max_memory = 8 << 20, .memory_in_use = 0};
    CHECK_THROWS_WITH_AS(choose_method(device, "im2col", p, operands.view(), limits),
                         doctest::Contains("25.0 MiB"), Error);
    CHECK(choose_method(device, "auto", p, operands.view(), limits).method->name != "im2col");
    CHECK_THROWS_WITH_AS(choose_method(device, "fastest", p, operands.view(), limits),
                         doctest::Contains("naive, im2col, gemm"), Error);
}

TEST_CASE("planner: where every method refuses, memory is named only where it is limited") {
    const Device device{
        .name = "picky",
        .description = "takes nothing",
        .methods = {
            {.name = "none", .summary = "refuses", .offer = [](const Problem&, const Weights&) {
                 return refuse("it is too large for a device");
             }}}};
    const Problem p = parse_problem("n1c1h8w8_k1r3s3_p1");
    const Operands operands(p);
    CHECK_THROWS_WITH_AS(choose_method(device, "auto", p, operands.view(), Limits{}),
                         "no method can run this: it is too large for a device", Error);
    const Limits limits{.threads = 1, .max_memory = 1 << 20, .memory_in_use = 0};
    CHECK_THROWS_WITH_AS(choose_method(device, "auto", p, operands.view(), limits),
                         "no method can run this within --max-memory: it is too large for a device",
                         Error);
}

TEST_CASE(
    "planner: auto takes two passes for a large product, and one for a small or a dense kernel") {
    const Device device = cpu_device();
    const auto chosen = [&](const char* text, std::int64_t rank) {
        const Problem p = parse_problem(text);
        const Operands operands = low_rank_operands(p, rank);
        return choose_method(device, "auto", p, operands.view(), {}).method->name;
    };
    CHECK(chosen("n1c1h2048w2048_k1r21s21_p10", 1) == "separable");
    CHECK(chosen("n1c1h2048w2048_k1r21s21_p10", 21) != "separable");
    CHECK(chosen("n1c1h2048w2048_k1r3s3_p1", 1) == "direct");
    // By which of the others depends on the processor's vectors.
    CHECK(chosen("n3c1h2048w2048_k1r9s9_p4", 9) != "separable");
}

TEST_CASE("planner: im2col books the column matrix, gemm a few MiB whatever the picture") {
    const Device device = cpu_device();
    const Problem p = parse_problem("n1c1h4096w4096_k1r5s5_p2");
    const Weights none{};
    CHECK(find_method(device, "im2col").offer(p, none).memory.workspace >= 25LL * 4096 * 4096 * 4);
    CHECK(find_method(device, "gemm").offer(p, none).memory.workspace <= 4 << 20);
    const Problem wide = parse_problem("n4c1h4096w1000000_k1r31s31_p15");
    CHECK(find_method(device, "gemm").offer(wide, none).memory.workspace <= 8 << 20);
}
