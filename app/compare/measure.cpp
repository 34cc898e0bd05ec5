#include "compare/measure.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "compare/memory_peak.hpp"
#include "compare/verification.hpp"
#include "conv/device_planner.hpp"

namespace conv {
namespace {

/// A method that takes longer than this is timed by its one checked run.
constexpr double kSlowSeconds = 2;

/// A result on its way, with what running it needs.
struct Run {
    MethodResult* result;
    Plan plan;
    std::vector<double> samples;
    std::vector<DeviceTimes> device_samples;  ///< of the same runs
    bool complete = false;                    ///< the samples are those of finished timing rounds
};

std::string memory_refusal(std::int64_t bytes, const CompareRules& rules) {
    if (rules.max_memory && bytes > *rules.max_memory) {
        return fmt::format("needs {}, --max-memory is {}", format_bytes(bytes),
                           format_bytes(*rules.max_memory));
    }
    const auto free = available_memory();
    if (free && bytes > *free) {
        return fmt::format("needs {}, the machine has {} free", format_bytes(bytes),
                           format_bytes(*free));
    }
    return {};
}

/// Seconds of the whole subject once the device is started.
double predicted_seconds(const Device& device, const Offer& offer, const Subject& subject,
                         int threads) {
    const auto pictures = static_cast<double>(subject.pictures());
    if (offer.parts) return (offer.seconds - offer.parts->start_up) * pictures;
    const double all = offer.seconds * pictures;
    if (!device.threads_share) return all;
    return all / busy_threads(offer.memory, subject.problem(), {subject.pictures(), threads});
}

std::int64_t predicted_bytes(const Offer& offer, const Subject& subject, int threads) {
    const int busy = busy_threads(offer.memory, subject.problem(), {subject.pictures(), threads});
    return memory_bytes(offer.memory, subject.problem(), SumsPlace::result, busy);
}

MethodResult planned_result(const Device& device, const Method& method, const Offer& offer,
                            const Subject& subject, int threads) {
    MethodResult result;
    result.method = method.name;
    result.device = device.name;
    result.threads = threads;
    result.refusal = offer.rejection;
    if (!offer.can_run()) return result;
    result.error_factor = offer.error_factor;
    result.predicted_seconds = predicted_seconds(device, offer, subject, threads);
    result.predicted_bytes = predicted_bytes(offer, subject, threads);
    return result;
}

/// Leaves out what would take too much memory, or too long and was not named.
void refuse_costly(MethodResult& result, const CompareRules& rules) {
    if (!result.refusal.empty()) return;
    result.refusal = memory_refusal(result.predicted_bytes, rules);
    if (result.refusal.empty() && rules.methods.empty() &&
        result.predicted_seconds > kLongestOracle) {
        result.refusal = fmt::format("predicted to take {:.0f} s, name it with --methods to run it",
                                     result.predicted_seconds);
    }
}

std::vector<MethodResult> planned_results(std::span<const Device> devices, const Subject& subject,
                                          Offers& offers, const CompareRules& rules) {
    std::vector<MethodResult> results;
    const auto plan = [&](const Device& device, const Method& method, int threads) {
        results.push_back(planned_result(device, method, offers.of(method), subject, threads));
        refuse_costly(results.back(), rules);
    };
    for (const int threads : rules.threads) {
        for (const Device& device : devices) {
            if (rules.methods.empty()) {
                for (const Method& method : device.methods) plan(device, method, threads);
            }
            for (const std::string& name : rules.methods) {
                if (device.has_method(name)) plan(device, find_method(device, name), threads);
            }
        }
    }
    return results;
}

/// The method that `apply` would take with the first number of threads.
std::string automatic_label(std::span<const Device> devices, const Subject& subject,
                            const CompareRules& rules) {
    Limits limits;
    limits.threads = rules.threads.front();
    limits.max_memory = rules.max_memory;
    limits.pictures = subject.pictures();
    try {
        const Choice choice =
            choose_device(devices, "auto", subject.problem(), subject.weights(), limits);
        MethodResult taken;
        taken.method = choice.method->name;
        taken.device = choice.device->name;
        return taken.label();
    } catch (const Error&) {  // nothing fits the budget, as the refusals say
        return {};
    }
}

DeviceTimes difference(const DeviceTimes& after, const DeviceTimes& before) {
    return {after.upload - before.upload, after.compute - before.compute,
            after.download - before.download};
}

/// The median of each part.
DeviceTimes middle_times(const std::vector<DeviceTimes>& samples) {
    const auto middle = [&](double DeviceTimes::*part) {
        std::vector<double> seconds;
        seconds.reserve(samples.size());
        for (const DeviceTimes& times : samples) seconds.push_back(times.*part);
        return summarise(seconds).median;
    };
    return {middle(&DeviceTimes::upload), middle(&DeviceTimes::compute),
            middle(&DeviceTimes::download)};
}

void keep_largest_difference(Sums& sums, Sums& reference, std::int64_t pictures,
                             std::vector<float>& difference) {
    const auto [N, K, P, Q] = sums.shape;
    difference.resize(static_cast<std::size_t>(P * Q));
    for (std::int64_t picture = 0; picture < pictures; ++picture) {
        const auto a = sums.picture(picture), b = reference.picture(picture);
        for (std::int64_t k = 0; k < K; ++k) {
            for (std::int64_t i = 0; i < P * Q * N; ++i) {
                const std::int64_t n = i % N, q = i / N % Q, p = i / N / Q;
                float& most = difference[static_cast<std::size_t>(p * Q + q)];
                most = std::max(most, std::abs(a(n, k, p, q) - b(n, k, p, q)));
            }
        }
    }
}

/// The comparison of one subject, step by step; what is done stays where a step is interrupted.
class Measurement {
public:
    /// All arguments must outlive this object.
    Measurement(std::span<const Device> devices, const Subject& subject, Offers& offers,
                const CompareRules& rules, Comparison& comparison)
        : devices_(devices),
          subject_(subject),
          offers_(offers),
          rules_(rules),
          comparison_(comparison) {}

    void run(const Device& processor) {
        check_all(processor);
        time_runs();
    }

    /// Turns what was measured into summaries, complete or not.
    void summarise_runs() {
        for (Run& run : runs_) {
            std::vector<double>& samples = run.samples;
            // The first calls of the timing rounds warm up; alone they are better than nothing.
            const auto warm = static_cast<std::ptrdiff_t>(rules_.timing.warmups) + 1;
            if (!run.complete && static_cast<std::ptrdiff_t>(samples.size()) > warm) {
                samples.erase(samples.begin(), samples.begin() + warm);
            }
            run.result->time = summarise(samples);
            if (!run.device_samples.empty()) {
                // Of the runs that count, which are the last.
                const auto extra = run.device_samples.size() -
                                   std::min(run.device_samples.size(), run.samples.size());
                run.device_samples.erase(
                    run.device_samples.begin(),
                    run.device_samples.begin() + static_cast<std::ptrdiff_t>(extra));
                run.result->device_times = middle_times(run.device_samples);
            }
        }
    }

private:
    void check_all(const Device& processor) {
        rules_.progress("the reference");
        const Verification truth(processor, subject_, offers_, rules_.tolerance, rules_.stopped);
        comparison_.verification = truth.description();
        comparison_.reference = truth.reference_name();
        runs_.reserve(comparison_.results.size());
        for (MethodResult& result : comparison_.results) {
            if (result.refusal.empty()) run_once(result, truth);
        }
    }

    /// Adds the run; false where the method turns out to have no room, which is then its refusal.
    bool prepare_run(MethodResult& result) {
        const double start = steady_seconds();
        const Method& method = find_method(*find_device(devices_, result.device), result.method);
        try {
            runs_.push_back({&result, offers_.of(method).prepare(), {}, {}});
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::memory) throw;
            result.refusal = error.what();
            return false;
        }
        result.prepare_seconds = steady_seconds() - start;
        return true;
    }

    std::int64_t booked_bytes(const Plan& plan, int threads) const {
        const Memory memory = plan.memory();
        const int busy = busy_threads(memory, subject_.problem(), {subject_.pictures(), threads});
        return memory_bytes(memory, subject_.problem(), SumsPlace::result, busy);
    }

    /// One run into `sums`, its time added to the samples.
    void time_run(Run& run, Sums& sums) const {
        const auto device_times = [&] {
            return run.plan.device_times ? run.plan.device_times() : DeviceTimes{};
        };
        const DeviceTimes before = device_times();
        const double start = steady_seconds();
        run_plan(subject_, run.plan, run.result->threads, sums, rules_.stopped);
        run.samples.push_back(steady_seconds() - start);
        if (run.plan.device_times) {
            run.device_samples.push_back(difference(device_times(), before));
        }
    }

    void run_once(MethodResult& result, const Verification& truth) {
        rules_.progress(fmt::format("{}, {} thread{}", result.label(), result.threads,
                                    result.threads == 1 ? "" : "s"));
        if (!prepare_run(result)) return;
        Run& run = runs_.back();
        result.workspace_bytes = booked_bytes(run.plan, result.threads);
        Sums sums(subject_, run.plan.block_rows);
        const MemoryPeak peak;
        time_run(run, sums);
        result.measured_bytes = peak.growth();
        const Errors errors = truth.check(sums, result.error_factor);
        result.largest_error = errors.largest;
        result.mean_error = errors.mean;
        result.error_ratio = errors.ratio;
        result.allowed_error = errors.allowed;
        result.ran = true;
        if (rules_.keep_difference && truth.reference()) {
            keep_largest_difference(sums, *truth.reference(), subject_.pictures(),
                                    comparison_.difference);
        }
    }

    void time_runs() {
        Sums sums(subject_, 1);
        std::vector<std::function<void()>> bodies;
        std::vector<Run*> timed;
        for (Run& run : runs_) {
            if (run.samples.front() > kSlowSeconds && !rules_.repeats_given) continue;
            timed.push_back(&run);
            bodies.push_back([this, &run, &sums] {
                sums.arrange(run.plan.block_rows);
                time_run(run, sums);
            });
        }
        rules_.progress(fmt::format("timing {} in turns", bodies.size()));
        const auto samples = time_alternately(bodies, rules_.timing);
        for (std::size_t i = 0; i < timed.size(); ++i) {
            timed[i]->samples = samples[i];
            timed[i]->complete = true;
        }
    }

    std::span<const Device> devices_;
    const Subject& subject_;
    Offers& offers_;
    const CompareRules& rules_;
    Comparison& comparison_;
    std::vector<Run> runs_;
};

}  // namespace

const MethodResult* Comparison::fastest_other(const MethodResult& result) const {
    const MethodResult* fastest = nullptr;
    for (const MethodResult& other : results) {
        if (other.label() == result.label() || other.threads != result.threads ||
            other.time.count == 0) {
            continue;
        }
        if (fastest == nullptr || other.time.median < fastest->time.median) fastest = &other;
    }
    return fastest;
}

Comparison compare_methods(std::span<const Device> devices, const Device& processor,
                           const Subject& subject, const CompareRules& rules) {
    const Shape shape = subject.problem().dst_shape();
    Comparison comparison;
    comparison.problem = format_problem(subject.problem());
    comparison.macs = subject.macs();
    comparison.output_width = shape.W;
    comparison.pixels = static_cast<double>(shape.H * shape.W);
    comparison.automatic = automatic_label(devices, subject, rules);
    Offers offers(subject);
    comparison.results = planned_results(devices, subject, offers, rules);
    Measurement measurement(devices, subject, offers, rules, comparison);
    try {
        measurement.run(processor);
    } catch (const Interrupted&) {
        comparison.interrupted = true;
    }
    measurement.summarise_runs();
    return comparison;
}

}  // namespace conv
