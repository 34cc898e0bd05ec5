#include "conv/device_planner.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/parallel.hpp"

namespace conv {
namespace {

bool has_method(const Device& device, const std::string& name) {
    return name == "auto" || std::any_of(device.methods.begin(), device.methods.end(),
                                         [&](const Method& m) { return m.name == name; });
}

/// Seconds until the result is there, for the chosen method.
double wall_seconds(const Device& device, const Choice& choice, int threads) {
    const auto chosen =
        std::find_if(choice.candidates.begin(), choice.candidates.end(),
                     [&](const Candidate& c) { return c.method == choice.method->name; });
    return device.threads_share ? chosen->seconds / resolve_threads(threads) : chosen->seconds;
}

Choice choose_on(const Device& device, const std::string& method, const Problem& problem,
                 const Weights& weights, const Limits& limits) {
    Choice choice = choose_method(device, method, problem, weights, limits);
    choice.device = &device;
    for (Candidate& candidate : choice.candidates) candidate.device = device.name;
    return choice;
}

}  // namespace

const Device* find_device(std::span<const Device> devices, const std::string& name) {
    const auto found = std::find_if(devices.begin(), devices.end(),
                                    [&](const Device& device) { return device.name == name; });
    return found == devices.end() ? nullptr : &*found;
}

Choice choose_device(std::span<const Device> devices, const std::string& method,
                     const Problem& problem, const Weights& weights, const Limits& limits) {
    if (devices.size() == 1) return choose_on(devices.front(), method, problem, weights, limits);
    std::vector<Candidate> candidates;
    Choice best;
    double least = 0;
    std::size_t considered = 0;
    for (const Device& device : devices) {
        if (!has_method(device, method)) continue;
        Choice choice;
        try {
            choice = choose_on(device, method, problem, weights, limits);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::unsupported && error.kind() != ErrorKind::memory) throw;
            candidates.push_back({method, error.what(), 0, 0, device.name});
            continue;
        }
        ++considered;
        candidates.insert(candidates.end(), choice.candidates.begin(), choice.candidates.end());
        const double seconds = wall_seconds(device, choice, limits.threads);
        if (best.device != nullptr && least <= seconds) continue;
        least = seconds;
        best = std::move(choice);
    }
    if (best.device == nullptr) {
        return choose_on(devices.front(), method, problem, weights, limits);  // throws the reason
    }
    best.candidates = std::move(candidates);
    best.reason = fmt::format(
        "on {}, first of {} device{} to be done: predicted {:.3g} ms, start-up and transfers "
        "counted",
        best.device->name, considered, considered == 1 ? "" : "s", least * 1e3);
    return best;
}

}  // namespace conv
