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

/// Seconds of one call, the mean of `calls` of them.
double time_calls(const std::function<void()>& body, int calls, const Clock& clock) {
    const double start = clock();
    for (int i = 0; i < calls; ++i) body();
    return (clock() - start) / calls;
}

/// Runs the warm-ups; returns how many calls fill a turn, judged by the last of them.
int calls_per_turn(const std::function<void()>& body, const TimingRules& rules,
                   const Clock& clock) {
    constexpr double kMostCalls = 1e5;
    double seconds = 0;
    for (int i = 0; i < std::max(rules.warmups, 1); ++i) seconds = time_calls(body, 1, clock);
    if (seconds >= rules.turn_seconds) return 1;
    const double calls = seconds > 0 ? rules.turn_seconds / seconds : kMostCalls;
    return static_cast<int>(std::ceil(std::min(calls, kMostCalls)));
}

}  // namespace

Summary summarise(std::vector<double> samples) {
    if (samples.empty()) return {};
    std::sort(samples.begin(), samples.end());
    return {quantile(samples, 0.5), quantile(samples, 0.75) - quantile(samples, 0.25),
            static_cast<int>(samples.size())};
}

double steady_seconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

std::vector<std::vector<double>> time_alternately(std::span<const std::function<void()>> bodies,
                                                  const TimingRules& rules, const Clock& clock) {
    std::vector<int> calls;
    for (const auto& body : bodies) calls.push_back(calls_per_turn(body, rules, clock));
    std::vector<std::vector<double>> samples(bodies.size());
    const double budget = rules.min_seconds * static_cast<double>(bodies.size());
    const double start = clock();
    for (int round = 0; round < rules.repeats || clock() - start < budget; ++round) {
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            samples[i].push_back(time_calls(bodies[i], calls[i], clock));
        }
    }
    return samples;
}

}  // namespace conv
