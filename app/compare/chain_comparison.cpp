#include "compare/chain_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace conv {
namespace {

const MethodResult* find_result(const Comparison& comparison, const MethodResult& like) {
    const auto found = std::find_if(
        comparison.results.begin(), comparison.results.end(), [&](const MethodResult& result) {
            return result.label() == like.label() && result.threads == like.threads;
        });
    return found == comparison.results.end() ? nullptr : &*found;
}

void add_times(MethodResult& sum, const MethodResult& step) {
    sum.time.median += step.time.median;
    sum.time.best += step.time.best;
    sum.time.spread += step.time.spread;
    sum.time.count = std::min(sum.time.count, step.time.count);
    sum.prepare_seconds += step.prepare_seconds;
    sum.predicted_seconds += step.predicted_seconds;
    if (!sum.device_times || !step.device_times) return sum.device_times.reset();
    sum.device_times->upload += step.device_times->upload;
    sum.device_times->compute += step.device_times->compute;
    sum.device_times->download += step.device_times->download;
}

void add_step(MethodResult& whole, const MethodResult& step) {
    add_times(whole, step);
    whole.workspace_bytes = std::max(whole.workspace_bytes, step.workspace_bytes);
    whole.predicted_bytes = std::max(whole.predicted_bytes, step.predicted_bytes);
    if (whole.measured_bytes && step.measured_bytes)
        whole.measured_bytes = std::max(*whole.measured_bytes, *step.measured_bytes);
    if (step.error_ratio <= whole.error_ratio) return;
    whole.largest_error = step.largest_error;
    whole.mean_error = step.mean_error;
    whole.allowed_error = step.allowed_error;
    whole.error_ratio = step.error_ratio;
}

/// What a method that is left out says: why it did not run in that step.
MethodResult left_out(const MethodResult& result, const MethodResult* step, std::size_t number) {
    MethodResult out;
    out.method = result.method;
    out.device = result.device;
    out.threads = result.threads;
    const std::string reason = step && !step->refusal.empty() ? step->refusal : "not measured";
    out.refusal = fmt::format("step {}: {}", number, reason);
    return out;
}

MethodResult over_all(const MethodResult& last, const std::vector<SweepStep>& steps) {
    MethodResult whole = last;
    if (!last.ran) return left_out(last, &last, steps.size());
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
        const MethodResult* step = find_result(steps[i].comparison, last);
        if (!step || !step->ran) return left_out(last, step, i + 1);
        add_step(whole, *step);
    }
    return whole;
}

}  // namespace

SweepStep whole_chain(const std::vector<SweepStep>& steps) {
    SweepStep whole = steps.back();
    Comparison& comparison = whole.comparison;
    comparison.results.clear();
    whole.kernel.clear();
    for (const SweepStep& step : steps) {
        whole.kernel += (whole.kernel.empty() ? "" : ", then ") + step.kernel;
        if (&step == &steps.back()) break;
        comparison.macs += step.comparison.macs;
        if (step.comparison.automatic != comparison.automatic) comparison.automatic.clear();
    }
    for (const MethodResult& result : steps.back().comparison.results)
        comparison.results.push_back(over_all(result, steps));
    return whole;
}

}  // namespace conv
