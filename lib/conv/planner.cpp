#include "conv/planner.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/size.hpp"

namespace conv {
namespace {

std::string over_budget(std::int64_t bytes, const Limits& limits) {
    return fmt::format("needs {} beside {} of pictures, --max-memory is {}", format_bytes(bytes),
                       format_bytes(limits.memory_in_use), format_bytes(*limits.max_memory));
}

/// An offer as the planner sees it.
struct Considered {
    Offer offer;
    Candidate candidate;
};

Considered consider(const Method& method, const Problem& problem, const Weights& weights,
                    const Limits& limits) {
    Considered considered{method.offer(problem, weights), {}};
    const Offer& offer = considered.offer;
    Candidate& candidate = considered.candidate;
    candidate.method = method.name;
    candidate.rejection = offer.rejection;
    if (!offer.can_run()) return considered;
    candidate.seconds = offer.seconds;
    candidate.parts = offer.parts;
    const int threads = fitting_threads(offer.memory, problem, limits);
    candidate.workspace_bytes =
        memory_bytes(offer.memory, problem, limits.sums, std::max(threads, 1));
    if (threads == 0) candidate.rejection = over_budget(candidate.workspace_bytes, limits);
    return considered;
}

Choice choose_named(const Device& device, const std::string& name, const Problem& problem,
                    const Weights& weights, const Limits& limits) {
    const Method& method = find_method(device, name);
    auto [offer, candidate] = consider(method, problem, weights, limits);
    if (!candidate.rejection.empty()) {
        const bool memory = offer.can_run();
        fail(memory ? ErrorKind::memory : ErrorKind::usage,
             "--method {} cannot run this: {}, use --method auto{}", name, candidate.rejection,
             memory ? " or more memory" : "");
    }
    return {&method, "asked for by name", {std::move(candidate)}, nullptr, std::move(offer)};
}

}  // namespace

int fitting_threads(const Memory& memory, const Problem& problem, const Limits& limits) {
    int threads = busy_threads(memory, problem, {limits.pictures, limits.threads, limits.sums});
    if (!limits.max_memory) return threads;
    const std::int64_t room = *limits.max_memory - limits.memory_in_use;
    while (threads > 0 && memory_bytes(memory, problem, limits.sums, threads) > room) --threads;
    return threads;
}

std::string predicted_words(double seconds) {
    if (seconds < 1e-6) return "under 1 us";  // the models know no cost of a call
    if (seconds < 1e-3) return fmt::format("{:.3g} us", seconds * 1e6);
    if (seconds < 1) return fmt::format("{:.3g} ms", seconds * 1e3);
    return fmt::format("{:.3g} s", seconds);
}

std::string describe_parts(const std::optional<DeviceCost>& parts) {
    if (!parts) return {};
    return fmt::format("(ms: start-up {:.3g}, upload {:.3g}, compute {:.3g}, download {:.3g})",
                       parts->start_up * 1e3, parts->upload * 1e3, parts->compute * 1e3,
                       parts->download * 1e3);
}

Choice choose_method(const Device& device, const std::string& name, const Problem& problem,
                     const Weights& weights, const Limits& limits) {
    if (name != "auto") return choose_named(device, name, problem, weights, limits);
    Choice choice;
    choice.candidates.reserve(device.methods.size());
    for (const Method& method : device.methods) {
        auto [offer, candidate] = consider(method, problem, weights, limits);
        choice.candidates.push_back(std::move(candidate));
        if (!choice.candidates.back().rejection.empty()) continue;
        if (choice.method && choice.offer.seconds <= offer.seconds) continue;
        choice.method = &method;
        choice.offer = std::move(offer);
    }
    if (!choice.method) {
        const bool limited = limits.max_memory.has_value();
        fail(limited ? ErrorKind::memory : ErrorKind::usage, "no method can run this{}: {}",
             limited ? " within --max-memory" : "", choice.candidates.front().rejection);
    }
    choice.reason =
        fmt::format("cheapest of {} methods, predicted {} {}", choice.candidates.size(),
                    predicted_words(choice.offer.seconds),
                    device.threads_share ? "on one thread" : describe_parts(choice.offer.parts));
    return choice;
}

}  // namespace conv
