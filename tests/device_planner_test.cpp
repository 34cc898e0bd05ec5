#include <doctest/doctest.h>

#include <array>
#include <bit>

#include "base/error.hpp"
#include "conv/device_planner.hpp"
#include "cpu/cpu_device.hpp"
#include "pipeline/filter.hpp"
#include "support/test_devices.hpp"

using namespace conv;

namespace {

/// Does something to sums that were right.
using Spoil = std::function<void(TensorView<float> sums)>;

/// A device with one method that takes `seconds` and spoils the processor's sums.
Device pretended_device(const std::string& name, double seconds, const Spoil& spoil = nullptr) {
    Method method = find_method(cpu_device(), "naive");
    method.name = "direct";
    method.offer = [exact = method.offer, seconds, spoil](const Problem& p, const Weights& w) {
        Offer offer = exact(p, w);
        offer.seconds = seconds;
        offer.prepare = [prepare = offer.prepare, spoil] {
            Plan plan = prepare();
            plan.run = [run = plan.run, spoil](const Source& src, RowRange rows,
                                               TensorView<float> dst, float* workspace) {
                run(src, rows, dst, workspace);
                if (spoil) spoil(dst);
            };
            return plan;
        };
        return offer;
    };
    return {.name = name, .description = "pretended", .methods = {method}, .threads_share = false};
}

Choice choose(const std::array<Device, 2>& devices, const std::string& method, int threads = 1) {
    const std::vector<float> weights(9, 1.0F);
    return choose_device(devices, method, parse_problem("n1c1h9w9_k1r3s3_p1"), {weights, {}},
                         {.threads = threads, .max_memory = {}, .memory_in_use = 0});
}

/// One sum is a little off.
void spoil_one(TensorView<float> sums) {
    sums(0, 0, sums.shape.H - 1, 0) += 0.01F;
}

/// All sums lose seven of their 24 bits.
void lose_bits(TensorView<float> sums) {
    for (std::int64_t p = 0; p < sums.shape.H; ++p) {
        for (std::int64_t q = 0; q < sums.shape.W; ++q) {
            float& x = sums(0, 0, p, q);
            x = std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & ~std::uint32_t{127});
        }
    }
}

FilterResult filter_on(std::span<const Device> devices, const Device* reference,
                       std::int64_t size = 3) {
    Kernel kernel;
    kernel.R = kernel.S = size;
    kernel.values.assign(static_cast<std::size_t>(size * size), 0.1);
    kernel.anchor = {size / 2, size / 2};
    FilterSettings settings;
    settings.verify_on = reference;
    settings.depth = SampleType::f32;  // an integer depth hides what rounding does
    const Bank bank = make_bank({kernel}, settings);
    std::vector<Image> pages;
    pages.push_back(Image::interleaved(SampleType::u8, 1, 20, 30));
    for (int i = 0; i < 600; ++i) {
        pages.back().data<std::uint8_t>()[i] = static_cast<std::uint8_t>(1 + i * 37 % 251);
    }
    return filter_pages(devices, bank, std::move(pages), settings);
}

FilterResult filter_on(const Device& device, const Device* reference, std::int64_t size = 3) {
    return filter_on(std::span(&device, 1), reference, size);
}

}  // namespace

TEST_CASE("device: the one predicted to be done first is chosen, and says so") {
    Device processor = pretended_device("cpu", 4);
    processor.threads_share = true;
    const std::array<Device, 2> devices = {processor, pretended_device("gpu:0", 3)};
    const Choice alone = choose(devices, "auto");
    CHECK(alone.device->name == "gpu:0");
    CHECK(alone.reason.find("on gpu:0, first of 2 devices") == 0);
    CHECK(alone.candidates.size() == 2);
    CHECK(choose(devices, "auto", 2).device->name == "cpu");
}

TEST_CASE("device: pictures share the start-up of a device") {
    std::array<Device, 2> devices = {pretended_device("cpu", 1), pretended_device("gpu:0", 3)};
    devices[0].threads_share = true;
    auto& offer = devices[1].methods.front().offer;
    offer = [exact = offer](const Problem& p, const Weights& w) {
        Offer parted = exact(p, w);
        parted.parts = {.start_up = 2.5, .upload = 0.1, .compute = 0.3, .download = 0.1};
        return parted;
    };
    const std::vector<float> weights(9, 1.0F);
    const auto chosen = [&](std::int64_t pictures) {
        Limits limits;
        limits.threads = 1;
        limits.pictures = pictures;
        return choose_device(devices, "auto", parse_problem("n1c1h9w9_k1r3s3_p1"), {weights, {}},
                             limits);
    };
    CHECK(chosen(1).device->name == "cpu");
    CHECK(chosen(4).device->name == "cpu");
    const Choice many = chosen(6);
    CHECK(many.device->name == "gpu:0");
    CHECK(many.reason.find("predicted for 6 pictures: cpu direct 6 s, gpu:0 direct 5.5 s") !=
          std::string::npos);
}

TEST_CASE("device: those that lack the method are passed over") {
    const std::array<Device, 2> devices = {cpu_device(), pretended_device("gpu:0", 1e-9)};
    CHECK(choose(devices, "direct").device->name == "gpu:0");
    CHECK(choose(devices, "gemm").device->name == "cpu");
    CHECK_THROWS_AS(choose(devices, "fastest"), Error);
}

TEST_CASE("device: one that has no room after all is left for the processor, and that is said") {
    Device full = pretended_device("gpu:0", 1e-9);
    auto& offer = full.methods.front().offer;
    offer = [exact = offer](const Problem& p, const Weights& w) {
        Offer full_offer = exact(p, w);
        full_offer.prepare = []() -> Plan { fail(ErrorKind::memory, "gpu:0: not enough memory"); };
        return full_offer;
    };
    const std::array<Device, 2> devices = {cpu_device(), full};
    const FilterResult result = filter_on(devices, nullptr);
    CHECK(result.report.choice.device->name == "cpu");
    CHECK(result.report.fallback ==
          "device: cpu is used in place of gpu:0 (gpu:0: not enough memory)");
    CHECK_THROWS_AS(filter_on(std::span(&full, 1), nullptr), Error);
}

TEST_CASE("verify: a wrong sum on a device is an error that names it") {
    const Device processor = cpu_device();
    CHECK_NOTHROW(filter_on(pretended_device("gpu:0", 1), &processor));
    CHECK_NOTHROW(filter_on(pretended_device("gpu:0", 1, spoil_one), nullptr));
    CHECK_THROWS_WITH_AS(filter_on(pretended_device("gpu:0", 1, spoil_one), &processor),
                         doctest::Contains("--verify: gpu:0 direct gives"), Error);
}

TEST_CASE("verify: seven lost bits that every bound lets pass are an error in the mean") {
    const Device processor = cpu_device();
    CHECK_NOTHROW(filter_on(pretended_device("gpu:0", 1), &processor, 15));
    CHECK_THROWS_WITH_AS(filter_on(pretended_device("gpu:0", 1, lose_bits), &processor, 15),
                         doctest::Contains("off cpu naive in the mean"), Error);
}

TEST_CASE("verify: every device's methods pass on real sums") {
    const Device processor = cpu_device();
    for (const Device& device : conv::test::test_devices().found) {
        CAPTURE(device.name);
        const FilterResult result = filter_on(device, &processor);
        CHECK(result.report.choice.device->name == device.name);
        CHECK(result.report.device_times.has_value() == !device.threads_share);
    }
}

TEST_CASE("device: auto never takes the processor as an OpenCL device before its own methods") {
    const Device processor = cpu_device();
    for (const Device& device : conv::test::test_devices().found) {
        if (device.description.find("Portable Computing Language") == std::string::npos) continue;
        const std::array<Device, 2> devices = {processor, device};
        for (const char* text :
             {"n1c1h8192w8192_k1r3s3_p1", "n3c1h4096w4096_k1r31s31_p15",
              "n1c1h8192w8192_k1r101s101", "n1c64h224w224_k64r3s3_p1", "n1c3h227w227_k96r11s11_s4",
              "n1c1h512w512_k64r31s31_p15", "n1c512h7w7_k512r3s3_p1",
              "n1c64h512w512_k64r3s3_p1_g64", "n1c3h2000w2000_k8r9s9_s2_d2"}) {
            const Problem p = parse_problem(text);
            std::vector<float> weights(static_cast<std::size_t>(p.weight_count()));
            // No two rows alike: nothing for separable.
            for (std::size_t i = 0; i < weights.size(); ++i) {
                weights[i] = static_cast<float>(i * i % 37);
            }
            CAPTURE(text);
            const Choice choice =
                choose_device(devices, "auto", p, {weights, {}},
                              {.threads = 1, .max_memory = {}, .memory_in_use = 0});
            CHECK(choice.device->name == "cpu");
            CHECK(choice.reason.find(device.name) != std::string::npos);
        }
    }
}
