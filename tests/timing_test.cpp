#include "timing/timing.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace conv;

namespace {

/// A clock that bodies move by hand.
struct HandClock {
    double now = 0;
    Clock clock() {
        return [this] { return now; };
    }
};

}  // namespace

TEST_CASE("timing: median and spread are the quartiles of the samples") {
    const Summary odd = summarise({5, 1, 4, 2, 3});
    CHECK(odd.median == 3);
    CHECK(odd.spread == 2);
    CHECK(odd.best == 1);
    CHECK(odd.count == 5);
    CHECK(summarise({1, 2, 3, 10}).median == doctest::Approx(2.5));
    CHECK(summarise({7}).spread == 0);
    CHECK(summarise({}).count == 0);
}

TEST_CASE("timing: one outlier moves neither median nor spread") {
    const Summary quiet = summarise({1, 1, 1, 1, 1});
    const Summary disturbed = summarise({1, 1, 100, 1, 1});
    CHECK(disturbed.median == quiet.median);
    CHECK(disturbed.spread == quiet.spread);
}

TEST_CASE("timing: bodies take turns in every round after their warm-ups") {
    HandClock hand;
    std::string order;
    const std::vector<std::function<void()>> bodies = {[&] {
                                                           order += 'a';
                                                           hand.now += 1;
                                                       },
                                                       [&] {
                                                           order += 'b';
                                                           hand.now += 3;
                                                       }};
    const auto samples =
        time_alternately(bodies, {.warmups = 2, .repeats = 3, .min_seconds = 0}, hand.clock());
    CHECK(order == "aabbababab");
    CHECK(samples[0] == std::vector<double>(3, 1.0));
    CHECK(samples[1] == std::vector<double>(3, 3.0));
}

TEST_CASE("timing: each body is measured for the wanted time, a slow one only as often as asked") {
    HandClock hand;
    std::string order;
    const std::vector<std::function<void()>> bodies = {[&] {
                                                           order += 's';
                                                           hand.now += 10;
                                                       },
                                                       [&] {
                                                           order += 'f';
                                                           hand.now += 0.5;
                                                       }};
    const auto samples = time_alternately(bodies, {.repeats = 2, .min_seconds = 2}, hand.clock());
    CHECK(order == "sfsfsfff");
    CHECK(samples[0].size() == 2);
    CHECK(samples[1].size() == 4);
}

TEST_CASE("timing: a fast body is called several times a turn and its sample is one call") {
    HandClock hand;
    int calls = 0;
    const std::vector<std::function<void()>> bodies = {[&] {
        ++calls;
        hand.now += 0.25;
    }};
    const auto samples =
        time_alternately(bodies, {.repeats = 2, .min_seconds = 0, .turn_seconds = 1}, hand.clock());
    CHECK(calls == (1 + 2 + 4) + 2 * 4);
    CHECK(samples[0] == std::vector<double>(2, 0.25));
}
