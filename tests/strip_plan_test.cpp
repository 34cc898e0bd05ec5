#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "conv/convolve.hpp"
#include "conv/local_error.hpp"
#include "gpu/column_lowering.hpp"
#include "gpu/strip_plan.hpp"

using namespace conv;

namespace {

/// What a pretended device saw.
struct Log {
    std::int64_t slots = 0, strips = 0, in_flight = 0, most_in_flight = 0;
};

/// A device that copies: for 1x1 kernels, each result is the sample that its cell meets.
class CopyingSlot : public gpu::StripSlot {
public:
    CopyingSlot(const gpu::StripLayout& input, const gpu::ResultLayout& results, Log& log)
        : layout_(input),
          result_layout_(results),
          samples_(static_cast<std::size_t>(input.size())),
          results_(static_cast<std::size_t>(results.size)),
          log_(log) {
        ++log.slots;
    }
    void* input() override { return samples_.data(); }
    const void* results() const override { return results_.data(); }
    void start(const gpu::StripRows& rows, SampleType, SampleType) override {
        ++log_.strips;
        log_.most_in_flight = std::max(log_.most_in_flight, ++log_.in_flight);
        for (std::int64_t p = 0; p < rows.count; ++p) {
            std::copy_n(samples_.begin() + layout_.row_start(p), layout_.problem.Q(),
                        results_.begin() + result_layout_.offset(0, p));
        }
    }
    DeviceTimes wait() override {
        --log_.in_flight;
        return {1, 2, 3};
    }

private:
    gpu::StripLayout layout_;
    gpu::ResultLayout result_layout_;
    std::vector<float> samples_, results_;
    Log& log_;
};

/// Plans strips of a device that has memory for `most_rows` rows at a time.
Plan copying_plan(const Problem& p, std::int64_t rows, std::int64_t unit, std::int64_t most_rows,
                  Log& log) {
    return gpu::strip_plan(p, rows, unit, [&log, p, most_rows](std::int64_t strip) {
        const gpu::StripLayout input(p, strip);
        const gpu::ResultLayout results = gpu::planar_results(p, strip);
        return gpu::StripWork{
            input, results, true,
            [&log, input, results, strip, most_rows]() -> std::unique_ptr<gpu::StripSlot> {
                if (strip > most_rows) fail(ErrorKind::memory, "no room for {} rows", strip);
                return std::make_unique<CopyingSlot>(input, results, log);
            }};
    });
}

std::vector<float> run_plan(const Plan& plan, const Problem& p, const std::vector<float>& src) {
    std::vector<float> dst(src.size());
    const Source source(
        TensorView<const float>{src.data(), p.src_shape(), planar_strides(p.src_shape())});
    const TensorView<float> view{dst.data(), p.dst_shape(), planar_strides(p.dst_shape())};
    BlockLoop(plan, p, 1).run(source, [&](std::int64_t, RowRange rows) {
        return view.rows(rows.first, rows.count);
    });
    return dst;
}

}  // namespace

TEST_CASE("strips: every row of the picture passes once, two strips in flight") {
    const Problem p = parse_problem("n1c1h37w5_k1r1s1");
    std::vector<float> src(static_cast<std::size_t>(p.H * p.W));
    std::iota(src.begin(), src.end(), 0.0F);
    Log log;
    const Plan plan = copying_plan(p, 4, 1, 100, log);
    CHECK(run_plan(plan, p, src) == src);
    CHECK(log.strips == 10);
    CHECK(log.most_in_flight == 2);
    CHECK(log.in_flight == 0);
    CHECK(plan.device_times().upload == 10);
    CHECK(plan.device_times().download == 30);
    CHECK(plan.device_times().strips == 10);
}

TEST_CASE("strips: a device without memory gets smaller ones, in whole units") {
    const Problem p = parse_problem("n1c1h37w5_k1r1s1");
    const std::vector<float> src(static_cast<std::size_t>(p.H * p.W), 7.0F);
    Log log;
    const Plan plan = copying_plan(p, 36, 3, 8, log);
    CHECK(plan.block_rows % 3 == 0);
    CHECK(run_plan(plan, p, src) == src);
    CHECK(log.strips == 7);  // 36, 18, 9, 6 rows: the first that fits, 37 / 6 of them
}

TEST_CASE("strips: the smallest strip that does not fit is a clear memory error") {
    const Problem p = parse_problem("n1c1h37w5_k1r1s1");
    Log log;
    CHECK_THROWS_WITH_AS(copying_plan(p, 36, 3, 2, log), "no room for 3 rows", Error);
}

TEST_CASE("strips: samples travel in their own type unless the border or opacity forbids it") {
    Problem p = parse_problem("n1c1h3w3_k1r3s3_p1");
    const std::vector<std::uint8_t> bytes(9);
    Source source(SampleType::u8, bytes.data(), p.src_shape(), planar_strides(p.src_shape()));
    CHECK(gpu::travel_type(p, source) == SampleType::u8);
    p.border.values = {255};
    CHECK(gpu::travel_type(p, source) == SampleType::u8);
    p.border.values = {0.5F};
    CHECK(gpu::travel_type(p, source) == SampleType::f32);
    p.border.values = {256};
    CHECK(gpu::travel_type(p, source) == SampleType::f32);
    p.border.values = {};
    source.alpha_weighted = true;
    CHECK(gpu::travel_type(p, source) == SampleType::f32);
}

TEST_CASE("strips: their height follows the memory asked for, in units, within the picture") {
    const Problem p = parse_problem("n1c1h1000w1000_k1r3s3_p1");
    const std::int64_t rows = gpu::strip_rows(p, 0, 16, 1 << 20);
    CHECK(rows % 16 == 0);
    CHECK(rows * 2 * 1024 * 4 < 2 << 20);
    CHECK(gpu::strip_rows(p, 0, 16, 1) == 16);
    CHECK(gpu::strip_rows(p, 0, 1, std::int64_t{1} << 40) == 1000);
    CHECK(gpu::strip_rows(parse_problem("n1c1h1000000w1_k1r1s1"), 0, 1, std::int64_t{1} << 40) ==
          gpu::kMostRows);
}

TEST_CASE("row lowering: one row at a time where NaN must not meet zeros") {
    const Problem p = parse_problem("n1c1h40w40_k1r3s3_p1");
    const gpu::RowLowering lowering(p);
    CHECK(lowering.rows_together == 16);
    CHECK(gpu::RowLowering(parse_problem("n1c3h40w40_k64r3s3_p1")).rows_together == 1);
    const gpu::StripLayout input(p, 32);
    const gpu::ResultLayout results = gpu::chained_results(p, 32, lowering.chain_step);
    for (const auto& product : row_products(input, results, lowering, {32, true})) {
        CHECK(product.m == 16);
    }
    for (const auto& product : row_products(input, results, lowering, {32, false})) {
        CHECK(product.m == 1);
        CHECK(product.k == 3);
        CHECK(product.batch == 32);
    }
}

TEST_CASE("column lowering: parts keep the local error, and no fewer do") {
    const auto roundings = [](std::int64_t terms, std::int64_t parts) {
        return static_cast<double>((terms + parts - 1) / parts + parts) / (1 << 24);
    };
    for (std::int64_t terms = 1; terms <= gpu::most_column_terms(); ++terms) {
        const std::int64_t parts = gpu::column_parts(terms);
        REQUIRE(parts > 0);
        REQUIRE(roundings(terms, parts) <= kLocalError);
        if (parts > 1) REQUIRE(roundings(terms, parts - 1) > kLocalError);
    }
    CHECK(gpu::column_parts(166) == 1);
    CHECK(gpu::column_parts(167) == 2);
    CHECK(gpu::column_parts(gpu::most_column_terms() + 1) == 0);
}

TEST_CASE("column lowering: every term of a window is in one product") {
    for (const char* text : {"n1c1h9w9_k1r3s3", "n2c4h40w50_k6r13s7_g2", "n1c8h20w20_k3r9s9"}) {
        const Problem p = parse_problem(text);
        CAPTURE(text);
        const gpu::StripLayout input(p, 4);
        const gpu::ResultLayout results = gpu::planar_results(p, 4);
        const std::int64_t terms = p.group_channels() * p.R * p.S;
        for (std::int64_t g = 0; g < p.groups; ++g) {
            std::int64_t next = 0;
            for (const auto& product : column_products(input, results, g, 3)) {
                CHECK(product.a == g * p.group_kernels() * terms + next);
                CHECK(product.b == next * product.n);
                CHECK(product.n == 3 * results.line);
                CHECK(product.m == p.group_kernels());
                next += product.k;
            }
            CHECK(next == terms);
        }
    }
}

TEST_CASE("strips: filling one tells whether all that it reads are numbers") {
    for (const char* text : {"n1c2h9w8_k1r3s3", "n1c2h9w8_k1r3s3_s2_d2"}) {
        const Problem p = parse_problem(text);
        std::vector<float> samples(static_cast<std::size_t>(p.C * p.H * p.W), 1);
        const Source source(
            TensorView<const float>{samples.data(), p.src_shape(), planar_strides(p.src_shape())});
        const gpu::StripLayout input(p, 2);
        std::vector<float> strip(static_cast<std::size_t>(input.size()));
        const auto filled = [&](std::int64_t row) {
            return gpu::fill_strip(input, source, {row, 2}, SampleType::f32, strip.data()).finite;
        };
        CHECK(filled(0));
        samples[static_cast<std::size_t>(p.H * p.W)] = std::numeric_limits<float>::infinity();
        CHECK_FALSE(filled(0));
        CHECK(filled(1));
    }
}
