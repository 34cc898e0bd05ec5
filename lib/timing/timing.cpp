#include "timing/timing.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace conv {
namespace {

/// Value at the given fraction of sorted, non-empty samples.
double quantile(const std::vector<double>& sorted, double fraction) {
    const double position = fraction * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

/// One body's way through the rounds.
struct Turns {
    int calls = 1;     ///< calls of one turn
    double spent = 0;  ///< seconds of all turns
    std::vector<double> samples;

    bool finished(const TimingRules& rules) const {
        return static_cast<int>(samples.size()) >= rules.repeats && spent >= rules.min_seconds;
    }
};

/// Seconds of `calls` calls.
double time_calls(const std::function<void()>& body, int calls, const Clock& clock) {
    const double start = clock();
    for (int i = 0; i < calls; ++i) body();
    return clock() - start;
}

/// Runs the warm-ups, then finds how many calls fill a turn: a power of two, judged by warm calls.
int calls_per_turn(const std::function<void()>& body, const TimingRules& rules,
                   const Clock& clock) {
    constexpr int kMostCalls = 1 << 16;
    time_calls(body, std::max(rules.warmups - 1, 0), clock);
    int calls = 1;
    while (time_calls(body, calls, clock) < rules.turn_seconds && calls < kMostCalls) calls *= 2;
    return calls;
}

}  // namespace

Summary summarise(std::vector<double> samples) {
    if (samples.empty()) return {};
    std::sort(samples.begin(), samples.end());
    return {.median = quantile(samples, 0.5),
            .best = samples.front(),
            .spread = quantile(samples, 0.75) - quantile(samples, 0.25),
            .count = static_cast<int>(samples.size())};
}

double steady_seconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

std::vector<std::vector<double>> time_alternately(std::span<const std::function<void()>> bodies,
                                                  const TimingRules& rules, const Clock& clock) {
    std::vector<Turns> turns(bodies.size());
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        turns[i].calls = calls_per_turn(bodies[i], rules, clock);
    }
    for (bool all_finished = false; !all_finished;) {
        all_finished = true;
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            Turns& turn = turns[i];
            if (turn.finished(rules)) continue;
            all_finished = false;
            const double seconds = time_calls(bodies[i], turn.calls, clock);
            turn.spent += seconds;
            turn.samples.push_back(seconds / turn.calls);
        }
    }
    std::vector<std::vector<double>> samples;
    samples.reserve(turns.size());
    for (Turns& turn : turns) samples.push_back(std::move(turn.samples));
    return samples;
}

}  // namespace conv
