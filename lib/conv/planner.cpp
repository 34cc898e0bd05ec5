#include "conv/planner.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/size.hpp"

namespace conv {
namespace {

std::string over_budget(std::int64_t bytes, const Limits& limits) {
    if (!limits.max_memory || bytes + limits.memory_in_use <= *limits.max_memory) return {};
    return fmt::format("needs {} beside {} of pictures, --max-memory is {}", format_bytes(bytes),
                       format_bytes(limits.memory_in_use), format_bytes(*limits.max_memory));
}

Candidate consider(const Method& method, const Problem& problem, const Weights& weights,
                   const Limits& limits) {
    Candidate candidate;
    candidate.method = method.name;
    candidate.rejection = method.rejects(problem, weights);
    if (!candidate.rejection.empty()) return candidate;
    candidate.seconds = method.cost(problem, weights);
    if (method.device_cost) candidate.parts = method.device_cost(problem, weights);
    // A method whose plan needs the whole picture at once runs on one thread, so this may count
    // more than it takes but never less.
    candidate.workspace_bytes = method.workspace_bytes(problem, weights);
    if (method.kept_bytes) candidate.workspace_bytes += method.kept_bytes(problem, weights);
    candidate.rejection = over_budget(candidate.workspace_bytes, limits);
    return candidate;
}

}  // namespace

std::string describe_parts(const Candidate& candidate) {
    if (!candidate.parts) return {};
    const DeviceCost& cost = *candidate.parts;
    return fmt::format("(ms: start-up {:.3g}, upload {:.3g}, compute {:.3g}, download {:.3g})",
                       cost.start_up * 1e3, cost.upload * 1e3, cost.compute * 1e3,
                       cost.download * 1e3);
}

Choice choose_method(const Device& device, const std::string& name, const Problem& problem,
                     const Weights& weights, const Limits& limits) {
    if (name != "auto") {
        const Method& method = find_method(device, name);
        Candidate candidate = consider(method, problem, weights, limits);
        if (!candidate.rejection.empty()) {
            const bool memory = method.rejects(problem, weights).empty();
            fail(memory ? ErrorKind::memory : ErrorKind::unsupported,
                 "--method {} cannot run this: {}, use --method auto{}", name, candidate.rejection,
                 memory ? " or more memory" : "");
        }
        return {&method, "asked for by name", {std::move(candidate)}, nullptr};
    }
    Choice choice;
    const Candidate* best = nullptr;
    choice.candidates.reserve(device.methods.size());
    for (const Method& method : device.methods) {
        choice.candidates.push_back(consider(method, problem, weights, limits));
        const Candidate& candidate = choice.candidates.back();
        if (!candidate.rejection.empty() || (best && best->seconds <= candidate.seconds)) continue;
        best = &candidate;
        choice.method = &method;
    }
    if (!best) {
        fail(ErrorKind::memory, "no method can run this within --max-memory: {}",
             choice.candidates.front().rejection);
    }
    choice.reason = fmt::format("cheapest of {} methods, predicted {:.3g} ms {}",
                                choice.candidates.size(), best->seconds * 1e3,
                                device.threads_share ? "on one thread" : describe_parts(*best));
    return choice;
}

}  // namespace conv
