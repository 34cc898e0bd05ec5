#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "cpu/cpu_device.hpp"
#include "cpu/fft/local_sums.hpp"
#include "support/method_runs.hpp"

using namespace conv;

namespace {

std::mt19937& generator() {
    static std::mt19937 twister(11);
    return twister;
}
float uniform(float least, float most) {
    return std::uniform_real_distribution<float>(least, most)(generator());
}

struct PictureRule {
    const char* name;
    std::function<float(std::int64_t h, std::int64_t w)> sample;
};
const std::vector<PictureRule> kPictures = {
    {"noise", [](std::int64_t, std::int64_t) { return uniform(0, 1); }},
    {"noise of both signs", [](std::int64_t, std::int64_t) { return uniform(-1, 1); }},
    {"bright", [](std::int64_t, std::int64_t) { return 1000 + uniform(-1, 1); }},
    {"a few",
     [](std::int64_t, std::int64_t) { return uniform(0, 1) < 0.05F ? uniform(-1, 1) : 0; }},
    {"steps",
     [](std::int64_t, std::int64_t w) { return uniform(-1, 1) * (w / 40 % 2 ? 1 : 1e-4F); }},
    {"down to nothing",
     [](std::int64_t h, std::int64_t) {
         return uniform(-1, 1) * std::pow(10.0F, -static_cast<float>(h) / 20);
     }},
    {"holes",
     [](std::int64_t h, std::int64_t w) {
         return h / 45 % 2 && w / 45 % 2 ? 0 : 1 + 0.1F * uniform(-1, 1);
     }},
};

struct KernelRule {
    const char* name;
    std::function<float(double distance)> weight;
    bool zero_mean;
};
const std::vector<KernelRule> kKernels = {
    {"mostly positive", [](double) { return uniform(-0.25F, 1); }, false},
    {"of both signs", [](double) { return uniform(-1, 1); }, true},
    {"peak", [](double distance) { return distance == 0 ? 900.0F : -1.0F; }, false},
    {"ring", [](double d) { return static_cast<float>((d * d - 50) * std::exp(-d * d / 50)); },
     true},
};

std::vector<float> weights_of(const KernelRule& kernel, std::int64_t side) {
    std::vector<float> weights;
    double sum = 0;
    for (std::int64_t r = 0; r < side; ++r) {
        for (std::int64_t s = 0; s < side; ++s) {
            weights.push_back(kernel.weight(std::hypot(r - side / 2, s - side / 2)));
            sum += double{weights.back()};
        }
    }
    for (float& w : weights) {
        if (kernel.zero_mean) w -= static_cast<float>(sum / static_cast<double>(weights.size()));
    }
    return weights;
}

std::vector<float> sizes_of(std::vector<float> values) {
    for (float& x : values) x = std::abs(x);
    return values;
}

}  // namespace

TEST_CASE("fft: samples of very different sizes under kernels that cancel keep the local error") {
    const Device device = cpu_device();
    const Problem p = parse_problem("n1c1h150w260_k1r31s31_p15_breflect101");
    const auto run = [&](const char* method, const std::vector<float>& samples,
                         const std::vector<float>& weights) {
        const TensorView<const float> src{samples.data(), p.src_shape(),
                                          planar_strides(p.src_shape())};
        return test::run_method(device, method, p, Source(src), {weights, {}});
    };
    for (const PictureRule& picture : kPictures) {
        std::vector<float> src;
        for (std::int64_t i = 0; i < p.H * p.W; ++i)
            src.push_back(picture.sample(i / p.W, i % p.W));
        for (const KernelRule& kernel : kKernels) {
            CAPTURE(picture.name);
            CAPTURE(kernel.name);
            const std::vector<float> weights = weights_of(kernel, p.R);
            const std::vector<float> result = run("fft", src, weights),
                                     oracle = run("direct", src, weights),
                                     sums = run("direct", sizes_of(src), sizes_of(weights));
            double worst = 0;
            for (std::size_t i = 0; i < result.size(); ++i) {
                const double error = std::abs(double{result[i]} - double{oracle[i]});
                if (error > 0) worst = std::max(worst, error / double{sums[i]});
            }
            CHECK(worst <= 1e-5);
        }
    }
}

TEST_CASE("fft: bounds by rank are no more than what windows hold") {
    const Problem p = parse_problem("n1c1h500w500_k1r9s9");
    std::vector<float> weights;
    for (std::int64_t i = 0; i < 81; ++i) weights.push_back(uniform(-0.25F, 1));
    const FftTiling tiling = choose_fft_tiling(p, {weights, {}});
    const LocalSums sums(p, {weights, {}}, tiling);
    REQUIRE(sums.ranks());
    const std::int64_t H = tiling.height, W = tiling.width;
    std::vector<float> memory(static_cast<std::size_t>(LocalSums::lane_floats(p, tiling)));
    double norm = 0;
    for (const float w : weights) norm += std::abs(double{w});
    for (const float scale : {0.05F, 0.2F, 0.6F}) {
        CAPTURE(scale);
        LocalSums::Lane lane = sums.lane(memory.data());
        std::vector<float> samples;
        for (std::int64_t i = 0; i < H * W; ++i) samples.push_back(uniform(-1, 1));
        sums.begin_ranks(lane);
        for (std::int64_t h = 0; h < H; ++h)
            sums.add_row_ranks(lane, samples.data() + h * W, W, double{scale});
        sums.finish_channel_ranks(lane);
        sums.find_bounds(lane, 0, double{scale});
        double most = 0;
        for (std::int64_t y = 0; y < H - 8; ++y) {
            for (std::int64_t x = 0; x < W - 8; ++x) {
                double held = 0;
                for (std::int64_t i = 0; i < 81; ++i) {
                    held += std::abs(
                        double{weights[static_cast<std::size_t>(i)]} *
                        double{samples[static_cast<std::size_t>((y + i / 9) * W + x + i % 9)]});
                }
                const float bound =
                    lane.bounds[y / sums.side() * sums.block_columns() + x / sums.side()];
                REQUIRE(double{bound} <= held / norm * (1 + 1e-6));
                most = std::max(most, double{bound});
            }
        }
        if (scale < 0.5F) CHECK(most > 0);
    }
}
