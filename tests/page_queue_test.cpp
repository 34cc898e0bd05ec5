#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/error.hpp"
#include "cpu/cpu_device.hpp"
#include "pipeline/filter.hpp"

using namespace conv;

namespace {

/// What a pretended device saw.
struct Log {
    std::atomic<int> prepared = 0, running = 0, most_running = 0, runs = 0;
};

Plan pretended_plan(Log& log, int failing_run, std::int64_t rows, Plan plan) {
    plan.block_rows = rows;
    plan.device_times = [&log] { return DeviceTimes{0, static_cast<double>(log.runs), 0}; };
    plan.run = [&log, failing_run, run = plan.run](const Source& src, RowRange block,
                                                   TensorView<float> dst, float* workspace) {
        const int now = ++log.running;
        int most = log.most_running;
        while (now > most && !log.most_running.compare_exchange_weak(most, now)) {
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        const int number = log.runs++;
        run(src, block, dst, workspace);
        --log.running;
        if (number == failing_run) fail(ErrorKind::device, "the device is gone");
    };
    return plan;
}

/// A device whose sums are the processor's; each run takes long enough to meet the next.
Device pretended_device(Log& log, int failing_run = -1) {
    Method method = find_method(cpu_device(), "naive");
    method.name = "direct";
    method.offer = [&log, failing_run, exact = method.offer](const Problem& p, const Weights& w) {
        Offer offer = exact(p, w);
        offer.memory.block_rows = p.P();
        offer.prepare = [&log, failing_run, rows = p.P(), prepare = offer.prepare] {
            ++log.prepared;
            return pretended_plan(log, failing_run, rows, prepare());
        };
        return offer;
    };
    return {
        .name = "gpu:0", .description = "pretended", .methods = {method}, .threads_share = false};
}

/// Pages of one grey value each, the page's number.
std::vector<Image> numbered_pages(const std::vector<std::int64_t>& widths) {
    std::vector<Image> pages;
    for (const std::int64_t width : widths) {
        Image page = Image::interleaved(SampleType::u8, 1, 8, width);
        std::fill_n(page.data<std::uint8_t>(), 8 * width, static_cast<std::uint8_t>(pages.size()));
        pages.push_back(std::move(page));
    }
    return pages;
}

FilterResult doubled(const Device& device, std::vector<Image> pages, int threads) {
    Kernel kernel;
    kernel.R = kernel.S = 1;
    kernel.values = {2};
    FilterSettings settings;
    settings.limits.threads = threads;
    return filter_pages(device, make_bank({kernel}, settings), std::move(pages), settings);
}

void check_pages(const FilterResult& result, const std::vector<std::int64_t>& widths) {
    REQUIRE(result.pages.size() == widths.size());
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const Image& page = result.pages[i].front();
        CHECK(page.shape.W == widths[i]);
        CHECK(page.data<std::uint8_t>()[8 * widths[i] - 1] == 2 * i);
    }
}

}  // namespace

TEST_CASE("pages: two are under way on a device, sharing one plan, and come out in order") {
    Log log;
    const std::vector<std::int64_t> widths(5, 6);
    const FilterResult result = doubled(pretended_device(log), numbered_pages(widths), 2);
    check_pages(result, widths);
    CHECK(log.prepared == 1);
    CHECK(log.most_running == 2);
    CHECK(result.report.device_times->compute == 5);
}

TEST_CASE("pages: those of other sizes get a plan of their own") {
    Log log;
    const std::vector<std::int64_t> widths = {6, 6, 9, 6};
    check_pages(doubled(pretended_device(log), numbered_pages(widths), 2), widths);
    CHECK(log.prepared == 3);
    CHECK(log.most_running == 2);
}

TEST_CASE("pages: one thread has one page under way, on the processor too") {
    Log log;
    const std::vector<std::int64_t> widths(3, 6);
    check_pages(doubled(pretended_device(log), numbered_pages(widths), 1), widths);
    CHECK(log.most_running == 1);
    check_pages(doubled(cpu_device(), numbered_pages(widths), 2), widths);
}

TEST_CASE("pages: a failure on one ends the filtering after those under way") {
    Log log;
    CHECK_THROWS_WITH_AS(
        doubled(pretended_device(log, 1), numbered_pages(std::vector<std::int64_t>(6, 6)), 2),
        "the device is gone", Error);
    CHECK(log.running == 0);
    CHECK(log.runs < 6);
}
