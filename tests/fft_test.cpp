#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "conv/convolve.hpp"
#include "cpu/cpu_device.hpp"
#include "cpu/fft/fft.hpp"
#include "cpu/tile/builtin_profile.hpp"

using namespace conv;

namespace {

std::string refusal(const char* problem) {
    return fft_method(builtin_profile()).offer(parse_problem(problem), {}).rejection;
}

}  // namespace

TEST_CASE("fft: kernels beyond its tiles and transforms beyond memory are refused") {
    CHECK(refusal("n1c1h64w64_k1r9s9_p4").empty());
    CHECK(refusal("n1c1h9000w9000_k1r9000s3").find("9000 x 3") != std::string::npos);
    CHECK(refusal("n1c1024h64w64_k1024r9s9_p4").find("256.0 MiB") != std::string::npos);
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
