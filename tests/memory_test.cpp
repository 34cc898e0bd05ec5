#include <doctest/doctest.h>

#include <cmath>

#include "pipeline/page_filter.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

/// A page with its bank, filtered under one budget after the other.
struct Command {
    Image page;
    FilterSettings settings;
    Bank bank;

    Command(const Kernel& kernel, const std::string& method, int threads)
        : page(sample_picture(SampleType::u8, 3, 61, 83)), settings(settings_for(page)) {
        settings.method = method;
        settings.limits.threads = threads;
        bank = make_bank({kernel}, settings);
    }

    /// Whether the page can be filtered within `budget` bytes; then its method and its threads.
    bool works(std::int64_t budget, std::string& method, int& used) {
        settings.limits.max_memory = budget;
        const PageProblem posed(bank, page, settings);
        const std::int64_t pictures = picture_bytes(page.type, page.shape) + posed.result_bytes();
        try {
            const PageFilter filter(std::span(&test_device(), 1), posed, pictures);
            CHECK(pictures + filter.workspace_bytes() <= budget);
            method = filter.choice().method->name;
            used = filter.threads();
            return true;
        } catch (const Error& error) {
            CHECK(error.kind() != ErrorKind::internal);
            return false;
        }
    }
};

/// The methods that the budgets allow, one after the other, each named once.
struct Growth {
    std::vector<std::string> methods;
    int failures_after_success = 0, works = 0, least_threads = 1000, most_threads = 0;

    /// Three decades by steps of 1 %, from a tenth of the pictures to 100 times them.
    explicit Growth(Command command) {
        for (double budget = 3e4; budget < 3e7; budget *= 1.01) {
            std::string method;
            int threads = 0;
            if (!command.works(static_cast<std::int64_t>(budget), method, threads)) {
                failures_after_success += works > 0;
                continue;
            }
            ++works;
            least_threads = std::min(least_threads, threads);
            most_threads = std::max(most_threads, threads);
            if (methods.empty() || methods.back() != method) methods.push_back(method);
        }
    }
};

}  // namespace

TEST_CASE("memory: a command that worked never fails again as its budget grows") {
    std::vector<std::string> names = {"auto"};
    for (const Method& method : test_device().methods) names.push_back(method.name);
    for (const Kernel& kernel : {box_kernel(9, 9), uneven_kernel({3, 3})}) {
        for (const std::string& name : names) {
            std::vector<std::string> alone;
            for (const int threads : {1, 2, 5}) {
                CAPTURE(name);
                CAPTURE(threads);
                CAPTURE(kernel.R);
                const Growth growth(Command(kernel, name, threads));
                CHECK(growth.failures_after_success == 0);
                if (name == "auto") CHECK(growth.works > 0);
                // The method does not depend on the threads, so neither do the bytes.
                if (threads == 1) alone = growth.methods;
                CHECK(growth.methods == alone);
                if (growth.works > 0) CHECK(growth.least_threads == 1);
            }
        }
    }
}

TEST_CASE("memory: what does not fit is passed over by auto, and fewer threads are taken first") {
    const Growth growth(Command(uneven_kernel({9, 9}), "auto", 5));
    CHECK(growth.methods.size() > 1);
    CHECK(growth.least_threads == 1);
    CHECK(growth.most_threads == 5);
}

TEST_CASE("memory: one function adds up what is kept, workspaces and blocks of sums") {
    const Problem p = parse_problem("n3c2h50w40_k4r3s3_p1");
    const Memory memory{.kept = 1000, .workspace = 300, .block_rows = 20};
    CHECK(busy_threads(memory, p, {1, 8}) == 3);
    CHECK(busy_threads(memory, p, {2, 8}) == 6);
    CHECK(busy_threads({.useful_runs = 2}, p, {1, 8}) == 2);
    const Memory shared{.block_rows = 50, .map_shares = 4};
    CHECK(busy_threads(shared, p, {1, 8, SumsPlace::result}) == 4);
    CHECK(busy_threads(shared, p, {1, 8, SumsPlace::block}) == 1);
    CHECK(memory_bytes(memory, p, SumsPlace::result, 3) == 1000 + 3 * 300);
    CHECK(block_sum_bytes(memory, p) == 3 * 4 * 20 * 40 * 4);
    CHECK(memory_bytes(memory, p, SumsPlace::block, 2) ==
          1000 + 2 * (300 + block_sum_bytes(memory, p)));
    CHECK(block_sum_bytes({.block_rows = 500}, p) == 3 * 4 * 50 * 40 * 4);
}
