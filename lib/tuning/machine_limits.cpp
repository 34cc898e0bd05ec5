#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tuning/machine_limits.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first: it includes this file once more for each instruction set.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Runs `rounds` rounds of twelve independent multiply-adds, more than any core can have under way,
/// on vectors. They start from the twelve different numbers at `starts`, so that none can be left
/// out, and their sum goes to starts[0]. Returns the multiply-adds done.
double MultiplyAdd(long rounds, float* starts) {
    const hn::ScalableTag<float> d;
    const auto factor = hn::Set(d, 0.999F), addend = hn::Set(d, 1e-3F);
    auto a0 = hn::Set(d, starts[0]), a1 = hn::Set(d, starts[1]);
    auto a2 = hn::Set(d, starts[2]), a3 = hn::Set(d, starts[3]);
    auto a4 = hn::Set(d, starts[4]), a5 = hn::Set(d, starts[5]);
    auto a6 = hn::Set(d, starts[6]), a7 = hn::Set(d, starts[7]);
    auto a8 = hn::Set(d, starts[8]), a9 = hn::Set(d, starts[9]);
    auto a10 = hn::Set(d, starts[10]), a11 = hn::Set(d, starts[11]);
    for (long i = 0; i < rounds; ++i) {
        a0 = hn::MulAdd(a0, factor, addend);
        a1 = hn::MulAdd(a1, factor, addend);
        a2 = hn::MulAdd(a2, factor, addend);
        a3 = hn::MulAdd(a3, factor, addend);
        a4 = hn::MulAdd(a4, factor, addend);
        a5 = hn::MulAdd(a5, factor, addend);
        a6 = hn::MulAdd(a6, factor, addend);
        a7 = hn::MulAdd(a7, factor, addend);
        a8 = hn::MulAdd(a8, factor, addend);
        a9 = hn::MulAdd(a9, factor, addend);
        a10 = hn::MulAdd(a10, factor, addend);
        a11 = hn::MulAdd(a11, factor, addend);
    }
    const auto low = hn::Add(hn::Add(hn::Add(a0, a1), hn::Add(a2, a3)), hn::Add(a4, a5));
    const auto high = hn::Add(hn::Add(hn::Add(a6, a7), hn::Add(a8, a9)), hn::Add(a10, a11));
    starts[0] = hn::GetLane(hn::SumOfLanes(d, hn::Add(low, high)));
    return static_cast<double>(rounds) * 12 * static_cast<double>(hn::Lanes(d));
}

const char* TargetName() {
    return hwy::TargetName(HWY_TARGET);
}

}  // namespace conv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/parallel.hpp"
#include "timing/timing.hpp"
#include "tuning/machine_limits.hpp"

namespace conv {

HWY_EXPORT(MultiplyAdd);
HWY_EXPORT(TargetName);

namespace {

constexpr int kTrials = 7;
constexpr long kFewRounds = 1 << 14, kMostRounds = 1 << 21;  // 30 us and 4 ms of a core of 2020
constexpr double kEnoughSeconds = 2e-3;
constexpr std::int64_t kCopyBytes = 64 << 20;

/// The shortest of several runs: a limit is what the machine does undisturbed.
template <typename Body>
double shortest_seconds(const Body& body) {
    double shortest = 1e9;
    for (int trial = 0; trial < kTrials; ++trial) {
        const double start = steady_seconds();
        body();
        shortest = std::min(shortest, steady_seconds() - start);
    }
    return shortest;
}

/// Seconds that `rounds` rounds take on every one of so many threads at once; their multiply-adds
/// go to `macs`.
double seconds_of(long rounds, int threads, double& macs) {
    std::vector<double> each(static_cast<std::size_t>(threads));
    const double start = steady_seconds();
    parallel_for(threads, threads, [&](std::int64_t index, int) {
        std::array<float, 12> starts;
        std::iota(starts.begin(), starts.end(), 1.0F);
        each[static_cast<std::size_t>(index)] =
            HWY_DYNAMIC_DISPATCH(MultiplyAdd)(rounds, starts.data());
    });
    const double seconds = steady_seconds() - start;
    macs = std::accumulate(each.begin(), each.end(), 0.0);
    return seconds;
}

double measure_multiply_adds(int threads) {
    double macs = 0;
    long rounds = kFewRounds;  // all that is needed where nothing is optimised
    while (rounds < kMostRounds && seconds_of(rounds, threads, macs) < kEnoughSeconds) rounds *= 2;
    double seconds = 1e9;
    for (int trial = 0; trial < kTrials; ++trial)
        seconds = std::min(seconds, seconds_of(rounds, threads, macs));
    return macs / seconds;
}

double measure_copy(int threads) {
    AlignedBuffer<std::byte> from(kCopyBytes), to(kCopyBytes);
    std::memset(from.data(), 1, static_cast<std::size_t>(kCopyBytes));
    std::memset(to.data(), 2, static_cast<std::size_t>(kCopyBytes));
    const std::int64_t share = kCopyBytes / threads;
    const double seconds = shortest_seconds([&] {
        parallel_for(threads, threads, [&](std::int64_t i, int) {
            std::memcpy(to.data() + i * share, from.data() + i * share,
                        static_cast<std::size_t>(share));
        });
    });
    return 2.0 * static_cast<double>(share * threads) / seconds;
}

}  // namespace

MachineLimits measure_limits(int threads) {
    return {threads, measure_multiply_adds(threads), measure_copy(threads),
            HWY_DYNAMIC_DISPATCH(TargetName)()};
}

}  // namespace conv

#endif
