#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "conv/convolve.hpp"
#include "cpu/cpu_device.hpp"
#include "support/method_runs.hpp"

using namespace conv;
using namespace conv::test;

namespace {

/// A method's plan for a problem with random numbers, and where its results go.
struct PlannedRun {
    Problem p;
    Operands operands;
    Device device = cpu_device();
    Plan plan;
    AlignedBuffer<float> results;

    PlannedRun(const Problem& problem, const char* method)
        : p(problem),
          operands(p),
          plan(find_method(device, method).offer(p, operands.view()).prepare()),
          results(p.K * p.P() * p.Q()) {
        std::fill_n(results.data(), results.size(), kNaN);
    }
    Source source() const {
        return Source(TensorView<const float>{operands.src.data(), p.src_shape(),
                                              planar_strides(p.src_shape())});
    }
    TensorView<float> view() {
        return {results.data(), p.dst_shape(), planar_strides(p.dst_shape())};
    }
    std::vector<float> values() const { return {results.data(), results.data() + results.size()}; }
};

std::vector<float> all_blocks(PlannedRun& run, int threads) {
    BlockLoop blocks(run.plan, run.p, threads);
    std::fill_n(run.results.data(), run.results.size(), kNaN);
    blocks.run(run.source(), [&](std::int64_t, RowRange rows) {
        return run.view().rows(rows.first, rows.count);
    });
    return run.values();
}

}  // namespace

TEST_CASE("block loop: threads without a block of their own share the maps of one") {
    for (const char* text : {"n1c16h9w9_k96r3s3_p1", "n1c32h8w9_k80r3s3_p1_g2"}) {
        CAPTURE(text);
        PlannedRun run(parse_problem(text), "winograd");
        const Memory memory = run.plan.memory();
        REQUIRE(memory.block_rows >= run.p.P());
        CHECK(memory.map_shares > 1);
        CHECK(busy_threads(memory, run.p, {1, 2, SumsPlace::result}) == 2);
        const std::vector<float> alone = all_blocks(run, 1);
        for (const int threads : {2, 3, 7}) CHECK(all_blocks(run, threads) == alone);
    }
}

TEST_CASE("block loop: shares write all maps of every group, each once") {
    for (const char* text : {"n1c16h9w9_k96r3s3_p1", "n1c32h8w9_k80r3s3_p1_g2"}) {
        CAPTURE(text);
        PlannedRun run(parse_problem(text), "winograd");
        AlignedBuffer<std::byte> workspace(run.plan.workspace_bytes);
        auto* floats = reinterpret_cast<float*>(workspace.data());
        const std::int64_t shares = run.plan.map_shares, each = run.p.P() * run.p.Q();
        std::vector<int> written(static_cast<std::size_t>(run.p.K), 0);
        for (std::int64_t i = 0; i < shares; ++i) {
            std::fill_n(run.results.data(), run.results.size(), kNaN);
            run.plan.run_share({i, shares}, run.source(), {0, run.p.P()}, run.view(), floats);
            for (std::int64_t at = 0; at < run.results.size(); at += each) {
                const float* map = run.results.data() + at;
                const auto count =
                    std::count_if(map, map + each, [](float x) { return !std::isnan(x); });
                CHECK((count == 0 || count == each));
                written[static_cast<std::size_t>(at / each)] += count == each ? 1 : 0;
            }
        }
        CHECK(written == std::vector<int>(written.size(), 1));
    }
}

TEST_CASE("block loop: scratch that stays from picture to picture changes nothing") {
    PlannedRun run(parse_problem("n1c3h40w50_k4r5s5_p2"), "gemm");
    BlockLoop blocks(run.plan, run.p, 2);
    const auto destination = [&](std::int64_t, RowRange rows) {
        return run.view().rows(rows.first, rows.count);
    };
    blocks.run(run.source(), destination);
    const std::vector<float> once = run.values();
    std::fill_n(run.results.data(), run.results.size(), kNaN);
    blocks.run(run.source(), destination);
    CHECK(run.values() == once);
}

TEST_CASE("direct: results written past the caches are the same bytes") {
    for (const char* text :
         {"n1c1h70w320_k1r3s3_p1_breflect101", "n1c1h33w304_k1r5s5_p2_bwrap",
          "n1c2h40w256_k4r3s3_p1", "n1c1h20w333_k1r3s3_p1", "n1c1h20w352_k1r9s9_p4",
          "n1c1h30w290_k1r3s3", "n1c1h19w176_k1r3s3_p1_d2", "n1c3h24w192_k7r3s3_p1_s2"}) {
        CAPTURE(text);
        Problem p = parse_problem(text);
        PlannedRun near(p, "direct");
        p.facts.far_results = true;
        PlannedRun far(p, "direct");
        CHECK(all_blocks(far, 2) == all_blocks(near, 2));
    }
}

TEST_CASE("direct: results are far from 48 MiB on, and where they are floats for good") {
    CHECK_FALSE(parse_problem("n1c1h3000w3000_k1r3s3_p1").written_for_good().facts.far_results);
    CHECK(parse_problem("n1c1h3600w3600_k1r3s3_p1").written_for_good().facts.far_results);
    CHECK(parse_problem("n1c1h1000w1000_k16r3s3_p1").written_for_good().facts.far_results);
    CHECK_FALSE(parse_problem("n1c1h9000w9000_k1r3s3_p1").facts.far_results);
}
