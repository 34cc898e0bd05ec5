#include <doctest/doctest.h>

#include <array>

#include "base/error.hpp"
#include "conv/device_planner.hpp"
#include "cpu/cpu_device.hpp"
#include "options/device_choice.hpp"
#include "pipeline/filter.hpp"
#include "support/test_devices.hpp"

using namespace conv;

namespace {

/// A device with one method that takes `seconds` and whose sums are the processor's plus `error`.
Device pretended_device(const std::string& name, double seconds, float error = 0) {
    Method method = find_method(cpu_device(), "naive");
    method.name = "direct";
    method.offer = [exact = method.offer, seconds, error](const Problem& p, const Weights& w) {
        Offer offer = exact(p, w);
        offer.seconds = seconds;
        offer.prepare = [prepare = offer.prepare, error] {
            Plan plan = prepare();
            plan.run = [run = plan.run, error](const Source& src, RowRange rows,
                                               TensorView<float> dst, float* workspace) {
                run(src, rows, dst, workspace);
                dst(0, 0, dst.shape.H - 1, 0) += error;
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

FilterResult filter_on(std::span<const Device> devices, const Device* reference) {
    Kernel kernel;
    kernel.R = kernel.S = 3;
    kernel.values.assign(9, 0.1);
    kernel.anchor = {1, 1};
    FilterSettings settings;
    settings.verify_on = reference;
    settings.depth = SampleType::f32;  // an integer depth hides what rounding does
    const Bank bank = make_bank({kernel}, settings);
    std::vector<Image> pages;
    pages.push_back(Image::interleaved(SampleType::u8, 1, 20, 30));
    return filter_pages(devices, bank, std::move(pages), settings);
}

FilterResult filter_on(const Device& device, const Device* reference) {
    return filter_on(std::span(&device, 1), reference);
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
    CHECK(many.reason.find("predicted for 6 pictures: cpu direct 6e+03 ms, gpu:0 direct 5.5e+03") !=
          std::string::npos);
}

TEST_CASE("device: those that lack the method are passed over") {
    const std::array<Device, 2> devices = {cpu_device(), pretended_device("gpu:0", 1e-9)};
    CHECK(choose(devices, "direct").device->name == "gpu:0");
    CHECK(choose(devices, "gemm").device->name == "cpu");
    CHECK_THROWS_AS(choose(devices, "fastest"), Error);
}

TEST_CASE("device: a missing one is an error that lists what is there") {
    CHECK_THROWS_WITH_AS(DeviceChoice("opencl:999"), doctest::Contains("use one of cpu"), Error);
    try {
        const DeviceChoice choice("cuda:999");
        FAIL("cuda:999 was found");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::device);
    }
}

TEST_CASE("device: a word that names none is a usage error") {
    for (const char* word : {"gpu", "opencl:", "opencl:x", "opencl:-1", "cuda:0:1", ""}) {
        CAPTURE(word);
        try {
            const DeviceChoice choice(word);
            FAIL("the word was taken");
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::usage);
        }
    }
}

TEST_CASE("device: cpu loads no backend, auto takes all") {
    CHECK(DeviceChoice("cpu").devices().size() == 1);
    const DeviceChoice all("auto");
    CHECK(all.devices().size() == conv::testing::test_devices().found.size());
    CHECK(all.devices().front().name == "cpu");
    CHECK((all.devices().size() == 1) == !all.note().empty());
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
    CHECK_NOTHROW(filter_on(pretended_device("gpu:0", 1, 0.01F), nullptr));
    CHECK_THROWS_WITH_AS(filter_on(pretended_device("gpu:0", 1, 0.01F), &processor),
                         doctest::Contains("--verify: gpu:0 direct gives"), Error);
}

TEST_CASE("verify: every device's methods pass on real sums") {
    const Device processor = cpu_device();
    for (const Device& device : conv::testing::test_devices().found) {
        CAPTURE(device.name);
        const FilterResult result = filter_on(device, &processor);
        CHECK(result.report.choice.device->name == device.name);
        CHECK(result.report.device_times.has_value() == !device.threads_share);
    }
}

TEST_CASE("device: auto never takes the processor as an OpenCL device before its own methods") {
    const Device processor = cpu_device();
    for (const Device& device : conv::testing::test_devices().found) {
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
