#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "conv/convolve.hpp"
#include "cpu/cpu_device.hpp"
#include "cpu/fft/fft.hpp"
#include "cpu/fft/result_bounds.hpp"
#include "cpu/tile/builtin_profile.hpp"

using namespace conv;

namespace {

std::string fft_refusal(const char* problem) {
    return fft_method(builtin_profile()).offer(parse_problem(problem), {}).rejection;
}

}  // namespace

TEST_CASE("fft: kernels beyond its tiles and transforms beyond memory are refused") {
    CHECK(fft_refusal("n1c1h64w64_k1r9s9_p4").empty());
    CHECK(fft_refusal("n1c1h9000w9000_k1r9000s3").find("9000 x 3") != std::string::npos);
    CHECK(fft_refusal("n1c1024h64w64_k1024r9s9_p4").find("256.0 MiB") != std::string::npos);
}

TEST_CASE("fft: bright pictures and kernels with one dominating map stay within the bound") {
    const Device device = cpu_device();
    const Problem p = parse_problem("n1c2h150w170_k3r15s15_p7_breflect101");
    std::mt19937 generator(7);
    std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
    std::vector<float> src(static_cast<std::size_t>(p.C * p.H * p.W));
    for (float& x : src) x = 65000 + uniform(generator);
    std::vector<float> weights(static_cast<std::size_t>(p.weight_count()));
    for (float& w : weights) w = uniform(generator);
    for (std::size_t i = 0; i < 450; ++i) weights[i] *= 1e6F;
    const Source source(
        TensorView<const float>{src.data(), p.src_shape(), planar_strides(p.src_shape())});
    const auto run = [&](const char* method) {
        std::vector<float> dst(static_cast<std::size_t>(p.K * p.P() * p.Q()));
        convolve(device, method, p, source, {weights, {}},
                 {dst.data(), p.dst_shape(), planar_strides(p.dst_shape())});
        return dst;
    };
    const std::vector<float> result = run("fft"), oracle = run("naive");
    for (std::size_t k = 0; k < 3; ++k) {
        double norm = 0;
        for (std::size_t i = k * 450; i < (k + 1) * 450; ++i) {
            norm += std::abs(static_cast<double>(weights[i]));
        }
        const double bound = 4.0 / (1 << 23) * std::sqrt(450.0) * 65001 * norm *
                             fft_method(builtin_profile()).offer(p, {weights, {}}).error_factor;
        double worst = 0;
        for (std::size_t i = k * 25500; i < (k + 1) * 25500; ++i) {
            worst = std::max(
                worst, std::abs(static_cast<double>(result[i]) - static_cast<double>(oracle[i])));
        }
        CAPTURE(k);
        CHECK(worst <= bound);
    }
}

namespace {

/// The bounds that results of a 16 x 16 tile give, 9 x 9 boxes over 8 x 8 outputs.
struct BoxBounds {
    Problem p = parse_problem("n1c1h16w16_k1r9s9");
    std::vector<float> values;
    FftTiling tiling;
    LocalSums sums;
    ResultBounds bounds;
    std::vector<float> memory;
    ResultBounds::Lane lane;

    explicit BoxBounds(float weight)
        : values(81, weight),
          tiling(choose_fft_tiling(p, {values, {}})),
          sums(p, {values, {}}, tiling),
          bounds(p, {values, {}}, sums),
          memory(static_cast<std::size_t>(ResultBounds::lane_floats(tiling))),
          lane(bounds.lane(memory.data())) {
        bounds.begin(lane);
    }
};

}  // namespace

TEST_CASE("fft: results of kernels without negative weights bound their own sums") {
    CHECK(BoxBounds(-1).bounds.possible());  // a yardstick tells
    const std::vector<float> mixed = {1, -1, 1, 1};
    CHECK(has_yardsticks(parse_problem("n1c1h16w16_k1r2s2"), {mixed, {}}));
    CHECK_FALSE(judged_by_results(parse_problem("n1c1h16w16_k2r1s2"), {mixed, {}}));
    CHECK_FALSE(judged_by_results(parse_problem("n1c1h16w16_k1r2s2_s2"), {mixed, {}}));
    BoxBounds box(2);
    REQUIRE(box.bounds.possible());
    std::vector<float> row(8, 162.0F);
    for (std::int64_t h = 0; h < 8; ++h) {
        row[5] = h == 3 ? 81.0F : 162.0F;
        box.bounds.add_results(box.lane, {0, h, 8}, row.data(), 8);
    }
    const std::int64_t blocks = 8 / box.sums.side();
    double least = 1e9;
    for (std::int64_t y = 0; y < blocks; ++y) {
        for (std::int64_t x = 0; x < blocks; ++x) {
            least = std::min(least, box.bounds.least(box.lane, y * box.sums.block_columns() + x));
        }
    }
    CHECK(least == doctest::Approx(0.5));  // 81 over the sum of the weights
    row[2] = std::nanf("");
    box.bounds.add_results(box.lane, {0, 0, 1}, row.data(), 8);
    CHECK(box.bounds.least(box.lane, 0) == 0);
}

TEST_CASE("fft: samples that results cannot judge are told from those that they can") {
    BoxBounds box(1);
    LaneFacts facts;
    std::vector<float> row(37, 3.0F);
    row[36] = 0.5F;
    bool signs = false;
    CHECK(box.bounds.add_samples(box.lane, row.data(), 37, facts, signs));
    CHECK_FALSE(signs);
    box.bounds.finish_channel(box.lane, facts);
    CHECK(facts.most == 3);
    CHECK(facts.least == 0.5);
    CHECK(facts.squares == doctest::Approx(36 * 9 + 0.25));
    for (const float x : {std::nanf(""), HUGE_VALF, 1e20F}) {
        for (const std::size_t at : {std::size_t{0}, std::size_t{36}}) {
            std::vector<float> odd = row;
            odd[at] = x;
            CAPTURE(x);
            CAPTURE(at);
            signs = false;
            CHECK_FALSE(box.bounds.add_samples(box.lane, odd.data(), 37, facts, signs));
        }
    }
    row[3] = -4;
    facts = {};
    CHECK(box.bounds.add_samples(box.lane, row.data(), 37, facts, signs));
    CHECK(signs);
    CHECK(facts.most == 4);
    CHECK(facts.least == 0);
}

TEST_CASE("fft: an edge of zeros beside noise keeps the local error, windows of zeros are zero") {
    const Device device = cpu_device();
    const Problem p = parse_problem("n1c1h120w300_k1r31s31_p15_breflect101");
    std::mt19937 generator(3);
    std::uniform_real_distribution<float> uniform(0.0F, 1.0F);
    std::vector<float> src(static_cast<std::size_t>(p.H * p.W), 0.0F);
    for (std::size_t i = 0; i < src.size(); ++i) {
        if (i % 300 >= 130) src[i] = i / 300 < 60 ? uniform(generator) : 2 * uniform(generator) - 1;
    }
    std::vector<float> magnitudes = src;
    for (float& x : magnitudes) x = std::abs(x);
    const auto run = [&](const char* method, const std::vector<float>& samples,
                         const std::vector<float>& weights) {
        std::vector<float> dst(samples.size());
        const Source source(
            TensorView<const float>{samples.data(), p.src_shape(), planar_strides(p.src_shape())});
        convolve(device, method, p, source, {weights, {}},
                 {dst.data(), p.dst_shape(), planar_strides(p.dst_shape())});
        return dst;
    };
    for (const float lowest : {0.0F, -1.0F}) {
        CAPTURE(lowest);
        std::vector<float> weights(31 * 31), sizes;
        for (float& w : weights) w = lowest + (1 - lowest) * uniform(generator);
        for (const float w : weights) sizes.push_back(std::abs(w));
        const std::vector<float> result = run("fft", src, weights),
                                 oracle = run("naive", src, weights),
                                 sums = run("naive", magnitudes, sizes);
        for (std::size_t i = 0; i < result.size(); ++i) {
            REQUIRE(std::abs(double{result[i]} - double{oracle[i]}) <= 1e-5 * double{sums[i]});
        }
    }
}
