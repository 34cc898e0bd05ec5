#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <functional>
#include <thread>

#include "conv/convolve.hpp"
#include "conv/shared_device.hpp"
#include "cpu/cpu_device.hpp"
#include "support/operands.hpp"

using namespace conv;

namespace {

/// The processor under another name, with its runs counted; each run calls `during`.
Device counting_device(std::atomic<int>& runs, const std::function<void()>& during) {
    Method method = find_method(cpu_device(), "direct");
    method.offer = [exact = method.offer, &runs, during](const Problem& p, const Weights& w) {
        Offer offer = exact(p, w);
        offer.memory.useful_runs = 2;
        offer.prepare = [prepare = offer.prepare, &runs, during] {
            Plan plan = prepare();
            plan.useful_runs = 2;
            plan.run = [run = plan.run, &runs, during](const Source& src, RowRange rows,
                                                       TensorView<float> dst, float* workspace) {
                ++runs;
                during();
                run(src, rows, dst, workspace);
            };
            return plan;
        };
        return offer;
    };
    return {.name = "gpu", .description = "pretended", .methods = {method}};
}

/// The results of `pictures` pictures, each filtered by a thread of its own.
std::vector<std::vector<float>> filter_pictures(const Device& device, int pictures) {
    const Problem p = parse_problem("n1c1h9w40_k1r3s3_p1");
    const conv::test::Operands operands(p);
    std::vector<std::vector<float>> results(static_cast<std::size_t>(pictures));
    const auto filter = [&](std::vector<float>& result) {
        result.resize(static_cast<std::size_t>(p.P() * p.Q()));
        const Source source(TensorView<const float>{operands.src.data(), p.src_shape(),
                                                    planar_strides(p.src_shape())});
        convolve(device, "direct", p, source, operands.view(),
                 {result.data(), p.dst_shape(), planar_strides(p.dst_shape())},
                 {.threads = 1, .max_memory = {}});
    };
    std::vector<std::thread> threads;
    for (auto& result : results) threads.emplace_back(filter, std::ref(result));
    for (std::thread& thread : threads) thread.join();
    return results;
}

}  // namespace

TEST_CASE("devices: several that share work run pictures at the same time, with the same results") {
    std::array<std::atomic<int>, 2> runs = {};
    // Nobody is done before both devices are at work.
    std::barrier both(2);
    const auto wait = [&] { both.arrive_and_wait(); };
    const std::array<Device, 2> devices = {counting_device(runs[0], wait),
                                           counting_device(runs[1], wait)};
    const Device shared = share_devices("gpu:all", devices);
    CHECK(shared.name == "gpu:all");
    const auto results = filter_pictures(shared, 2);
    CHECK(runs[0] == 1);
    CHECK(runs[1] == 1);
    const auto expected = filter_pictures(cpu_device(), 1);
    CHECK(results[0] == expected[0]);
    CHECK(results[1] == expected[0]);
}

TEST_CASE("devices: memory of several that share work is that of all") {
    std::array<std::atomic<int>, 2> runs = {};
    const std::array<Device, 2> devices = {counting_device(runs[0], [] {}),
                                           counting_device(runs[1], [] {})};
    const Device shared = share_devices("gpu:all", devices);
    const Problem p = parse_problem("n1c1h9w40_k1r3s3_p1");
    const conv::test::Operands operands(p);
    const Offer one = find_method(devices[0], "direct").offer(p, operands.view());
    const Offer all = find_method(shared, "direct").offer(p, operands.view());
    CHECK(all.memory.kept == 2 * one.memory.kept);
    CHECK(all.memory.useful_runs == 4);
    CHECK(all.prepare().memory() == all.memory);
    const Problem none = parse_problem("n1c1h1w1_k1r1s1");
    CHECK(find_method(shared, "direct").offer(none, {}).rejection ==
          find_method(devices[0], "direct").offer(none, {}).rejection);
}
