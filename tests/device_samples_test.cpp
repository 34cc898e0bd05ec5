#include <doctest/doctest.h>

#include <random>

#include "base/aligned_buffer.hpp"
#include "conv/convolve.hpp"
#include "support/test_devices.hpp"

using namespace conv;

namespace {

/// 8-bit pictures side by side, and weights that leave the range on both ends.
struct Pictures {
    std::vector<std::uint8_t> samples;
    std::vector<float> weights, bias;

    explicit Pictures(const Problem& p) {
        std::mt19937 generator(7);
        const Shape shape = p.src_shape();
        samples.resize(static_cast<std::size_t>(shape.N * shape.C * shape.H * shape.W));
        for (auto& x : samples) x = static_cast<std::uint8_t>(generator());
        std::uniform_real_distribution<float> weight(0.4F, 0.8F);
        weights.resize(static_cast<std::size_t>(p.weight_count()));
        for (std::size_t i = 0; i < weights.size(); ++i) {
            weights[i] = i % 2 == 0 ? weight(generator) : -weight(generator);
        }
        bias.assign(static_cast<std::size_t>(p.K), 12.5F);
    }
};

/// Pictures of a batch lie sample by sample.
Strides together(const Shape& s) {
    return {1, s.N * s.H * s.W, s.N * s.W, s.N};
}

}  // namespace

TEST_CASE(
    "devices: 8-bit results are the sums rounded as on the processor, the lost ones counted") {
    for (const Device& device : conv::test::test_devices().found) {
        for (const char* text :
             {"n1c1h37w53_k1r3s3_p1", "n3c1h40w35_k1r5s5_p2_breflect101", "n1c3h21w18_k5r3s3_p1",
              "n1c4h19w23_k6r2s3_s2x1_g2", "n2c1h33w30_k1r3s3_p2_d2"}) {
            const Problem p = parse_problem(text);
            const Pictures pictures(p);
            const Weights weights{pictures.weights, pictures.bias};
            const Source source(SampleType::u8, pictures.samples.data(), p.src_shape(),
                                together(p.src_shape()));
            const Shape shape = p.dst_shape();
            const std::int64_t count = shape.N * shape.C * shape.H * shape.W;
            for (const Method& method : device.methods) {
                const Offer offer = method.offer(p, weights);
                if (!offer.can_run()) continue;
                const Plan plan = offer.prepare();
                if (!plan.run_u8) continue;
                CAPTURE(device.name);
                CAPTURE(method.name);
                CAPTURE(text);
                std::vector<float> sums(static_cast<std::size_t>(count));
                std::vector<std::uint8_t> expected(sums.size()), stored(sums.size());
                AlignedBuffer<float> workspace(plan.workspace_bytes / 4 + 1);
                plan.run(source, {0, p.P()}, {sums.data(), shape, together(shape)},
                         workspace.data());
                const Lost wanted = store_samples(sums.data(), count, expected.data());
                const Lost lost = plan.run_u8(
                    source, {0, p.P()}, {stored.data(), shape, together(shape)}, workspace.data());
                CHECK(stored == expected);
                CHECK(lost == wanted);
                CHECK(lost.below > 0);
                CHECK(lost.above > 0);
            }
        }
    }
}
