#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "conv/convolve.hpp"
#include "cpu/cpu_device.hpp"
#include "cpu/tile/builtin_profile.hpp"
#include "cpu/winograd/winograd.hpp"

using namespace conv;

namespace {

std::string winograd_refusal(const char* problem) {
    return winograd_method(builtin_profile()).offer(parse_problem(problem), {}).rejection;
}

bool holds(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("winograd: anything but dense 3x3 kernels is refused") {
    CHECK(winograd_refusal("n1c8h16w16_k8r3s3_p1").empty());
    CHECK(holds(winograd_refusal("n1c8h16w16_k8r3s5_p1"), "3 x 5"));
    CHECK(holds(winograd_refusal("n1c8h16w16_k8r3s3_s1x2"), "stride"));
    CHECK(holds(winograd_refusal("n1c8h16w16_k8r3s3_d2x1"), "dilation"));
}

TEST_CASE("winograd: bright pictures and kernels with one dominating map stay within the bound") {
    const Device device = cpu_device();
    for (const char* text : {"n1c16h37w41_k3r3s3_p1_breplicate", "n1c4h2w2_k3r3s3_p1"}) {
        const Problem p = parse_problem(text);
        CAPTURE(text);
        std::mt19937 generator(7);
        std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
        std::vector<float> src(static_cast<std::size_t>(p.C * p.H * p.W));
        for (float& x : src) x = 255 + uniform(generator);
        std::vector<float> weights(static_cast<std::size_t>(p.weight_count()));
        for (float& w : weights) w = uniform(generator);
        const auto n = static_cast<std::size_t>(p.C * 9);
        for (std::size_t i = 0; i < n; ++i) weights[i] *= 1e6F;
        const Source source(
            TensorView<const float>{src.data(), p.src_shape(), planar_strides(p.src_shape())});
        const auto run = [&](const char* method) {
            std::vector<float> dst(static_cast<std::size_t>(p.K * p.P() * p.Q()));
            convolve(device, method, p, source, {weights, {}},
                     {dst.data(), p.dst_shape(), planar_strides(p.dst_shape())});
            return dst;
        };
        const std::vector<float> result = run("winograd"), oracle = run("naive");
        const auto pixels = static_cast<std::size_t>(p.P() * p.Q());
        for (std::size_t k = 0; k < 3; ++k) {
            double norm = 0, worst = 0;
            for (std::size_t i = k * n; i < (k + 1) * n; ++i) {
                norm += std::abs(static_cast<double>(weights[i]));
            }
            for (std::size_t i = k * pixels; i < (k + 1) * pixels; ++i) {
                worst = std::max(worst, std::abs(static_cast<double>(result[i]) -
                                                 static_cast<double>(oracle[i])));
            }
            const double factor =
                winograd_method(builtin_profile()).offer(p, {weights, {}}).error_factor;
            CAPTURE(k);
            CHECK(worst <= factor * 4 / (1 << 23) * std::sqrt(static_cast<double>(n)) * 256 * norm);
        }
    }
}

TEST_CASE("winograd: tiles over a border of zeros keep the bound without being summed directly") {
    const Device device = cpu_device();
    // The last tile of a row or column reaches beyond the outputs.
    const Problem p = parse_problem("n1c128h14w15_k16r3s3_p1");
    std::mt19937 generator(3);
    std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
    std::vector<float> src(static_cast<std::size_t>(p.C * p.H * p.W));
    std::vector<float> weights(static_cast<std::size_t>(p.weight_count()));
    for (float& x : src) x = uniform(generator);
    for (float& w : weights) w = uniform(generator);
    const Source source(
        TensorView<const float>{src.data(), p.src_shape(), planar_strides(p.src_shape())});
    const auto run = [&](const char* method) {
        std::vector<float> dst(static_cast<std::size_t>(p.K * p.P() * p.Q()));
        convolve(device, method, p, source, {weights, {}},
                 {dst.data(), p.dst_shape(), planar_strides(p.dst_shape())});
        return dst;
    };
    // Direct sums add in the order of naive's, in single precision: their bytes would be these.
    const std::vector<float> result = run("winograd"), direct = run("direct");
    int edge = 0, differing = 0;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i) / p.W % p.H;
        const auto column = static_cast<std::int64_t>(i) % p.W;
        if (row != 0 && row != p.H - 1 && column != 0 && column != p.W - 1) continue;
        ++edge;
        differing += result[i] == direct[i] ? 0 : 1;
    }
    CHECK(10 * differing > 8 * edge);
}

TEST_CASE("winograd: rows read where they lie give the same bytes as rows padded one by one") {
    const Device device = cpu_device();
    for (const char* border :
         {"constant", "constant:3", "replicate", "reflect", "reflect101", "wrap"}) {
        CAPTURE(border);
        // More columns than a block has, channels and maps in more than one vector.
        Problem p = parse_problem("n1c32h7w1203_k19r3s3_p2x3x3x1");
        p.border = parse_border(border);
        std::mt19937 generator(7);
        std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
        std::vector<float> weights(static_cast<std::size_t>(p.weight_count()));
        for (float& w : weights) w = uniform(generator);
        const auto samples = static_cast<std::size_t>(p.C * p.H * p.W);
        std::vector<float> dense(samples), spread(2 * samples);
        for (std::size_t i = 0; i < samples; ++i) spread[2 * i] = dense[i] = uniform(generator);
        const auto run = [&](const std::vector<float>& src, std::int64_t step) {
            Strides strides = planar_strides(p.src_shape());
            strides = {strides.N * step, strides.C * step, strides.H * step, strides.W * step};
            std::vector<float> dst(static_cast<std::size_t>(p.K * p.P() * p.Q()));
            convolve(device, "winograd", p,
                     Source(TensorView<const float>{src.data(), p.src_shape(), strides}),
                     {weights, {}}, {dst.data(), p.dst_shape(), planar_strides(p.dst_shape())});
            return dst;
        };
        CHECK(run(dense, 1) == run(spread, 2));
    }
}
