#include "conv/run_contract.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "base/aligned_buffer.hpp"

using namespace conv;

namespace {

/// Operands of a run that keep its contract, to be spoilt.
struct Run {
    Problem problem = parse_problem("n1c2h6w7_k3r3s3_p1");
    std::vector<float> samples = std::vector<float>(84), results = std::vector<float>(42);
    Source src{SampleType::f32, samples.data(), problem.src_shape(), {84, 42, 7, 1}};
    RowRange rows{4, 2};
    TensorView<float> dst{results.data(), {1, 3, 2, 7}, {42, 14, 7, 1}};

    bool fits() const { return run_operands_fit(problem, src, rows, dst); }
};

bool fits_after(const std::function<void(Run&)>& change) {
    Run run;
    change(run);
    return run.fits();
}

}  // namespace

TEST_CASE("run contract: operands of the problem's sizes fit, rows and maps lie anywhere") {
    CHECK(Run().fits());
    CHECK(fits_after([](Run& run) { run.dst.strides.C = -14; }));
    CHECK(fits_after([](Run& run) { run.dst.strides.H = 21; }));
    CHECK(fits_after([](Run& run) { run.src.strides = {1, 1, 14, 2}; }));
}

TEST_CASE("run contract: other sizes, rows outside the results, steps and addresses do not fit") {
    CHECK_FALSE(fits_after([](Run& run) { run.src.data = nullptr; }));
    CHECK_FALSE(fits_after([](Run& run) { run.src.shape.W = 8; }));
    CHECK_FALSE(fits_after([](Run& run) { run.rows = {-1, 2}; }));
    CHECK_FALSE(fits_after([](Run& run) { run.rows = {5, 2}; }));
    CHECK_FALSE(fits_after([](Run& run) { run.rows = {4, 0}; }));
    CHECK_FALSE(fits_after([](Run& run) { run.dst.shape.H = 3; }));
    CHECK_FALSE(fits_after([](Run& run) { run.dst.shape.C = 2; }));
    CHECK_FALSE(fits_after([](Run& run) { run.dst.strides.W = 2; }));
    CHECK_FALSE(fits_after([](Run& run) { run.dst.data = nullptr; }));
    CHECK_FALSE(fits_after([](Run& run) {
        run.dst.data = reinterpret_cast<float*>(reinterpret_cast<char*>(run.results.data()) + 1);
    }));
}

TEST_CASE("run contract: a batch's pictures are interleaved in the results") {
    const auto batch = [](Run& run) {
        run.problem = parse_problem("n2c1h6w7_k3r3s3_p1");
        run.src.shape = run.problem.src_shape();
        run.dst.shape.N = 2;
        run.dst.strides = {1, 28, 14, 2};
    };
    CHECK(fits_after(batch));
    CHECK_FALSE(fits_after([&](Run& run) {
        batch(run);
        run.dst.strides.N = 42;
    }));
}

TEST_CASE("run contract: scratch is aligned, and a plan takes no more than its offer promised") {
    AlignedBuffer<std::byte> scratch(128);
    CHECK(workspace_fits(scratch.data()));
    CHECK_FALSE(workspace_fits(scratch.data() + 4));
    CHECK_FALSE(workspace_fits(nullptr));
    const Memory promised{.kept = 10, .workspace = 20, .block_rows = 4};
    Plan plan;
    plan.kept_bytes = 10;
    plan.workspace_bytes = 20;
    plan.block_rows = 4;
    CHECK(keeps_memory(plan, promised));
    plan.workspace_bytes = 21;
    CHECK_FALSE(keeps_memory(plan, promised));
}
