#include "conv/device_planner.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/parallel.hpp"

namespace conv {
namespace {

/// Seconds until the results of all pictures are there, for the chosen method.
double wall_seconds(const Device& device, const Choice& choice, const Limits& limits) {
    const auto pictures = static_cast<double>(limits.pictures * limits.pages);
    const double start_up = choice.offer.parts ? choice.offer.parts->start_up : 0;
    const double each = choice.offer.seconds - start_up;
    return device.threads_share ? each * pictures / resolve_threads(limits.threads)
                                : start_up + each * pictures;
}

/// "opencl:0 direct 344 ms (ms: start-up 300, ...)", the parts those of one picture.
std::string describe_choice(const Choice& choice, double seconds) {
    const std::string parts = describe_parts(choice.offer.parts);
    return fmt::format("{} {} {}{}{}", choice.device->name, choice.method->name,
                       predicted_words(seconds), parts.empty() ? "" : " ", parts);
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
    std::vector<std::string> predictions;
    for (const Device& device : devices) {
        if (method != "auto" && !device.has_method(method)) continue;
        Choice choice;
        try {
            choice = choose_on(device, method, problem, weights, limits);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::usage && error.kind() != ErrorKind::memory) throw;
            candidates.push_back({method, error.what(), 0, 0, device.name});
            continue;
        }
        candidates.insert(candidates.end(), choice.candidates.begin(), choice.candidates.end());
        const double seconds = wall_seconds(device, choice, limits);
        predictions.push_back(describe_choice(choice, seconds));
        if (best.device != nullptr && least <= seconds) continue;
        least = seconds;
        best = std::move(choice);
    }
    if (best.device == nullptr) {
        return choose_on(devices.front(), method, problem, weights, limits);  // throws the reason
    }
    best.candidates = std::move(candidates);
    const std::int64_t pictures = limits.pictures * limits.pages;
    best.reason =
        fmt::format("on {}, first of {} device{} to be done, predicted{}: {}", best.device->name,
                    predictions.size(), predictions.size() == 1 ? "" : "s",
                    pictures > 1 ? fmt::format(" for {} pictures", pictures) : "",
                    fmt::join(predictions, ", "));
    return best;
}

}  // namespace conv
