#include "compare/verification.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "base/error.hpp"
#include "base/parallel.hpp"

namespace conv {
namespace {

constexpr double kSampleSeconds = 1;  // of the definition, spent on random rows
constexpr std::int64_t kMostSampledRows = 64;
constexpr std::int64_t kLargestReference = std::int64_t{1} << 30;  // bytes of its workspace

}  // namespace

void Errors::add(double value, double truth, double bound) {
    double error = std::abs(value - truth);
    if (std::isnan(error)) {
        const bool same = !std::isfinite(value) && !std::isfinite(truth);
        error = same ? 0 : std::numeric_limits<double>::infinity();
    }
    largest = std::max(largest, error);
    ++count;
    mean += (error - mean) / static_cast<double>(count);
    if (error > 0) ratio = std::max(ratio, error / bound);
    if (std::isfinite(bound)) allowed = std::max(allowed, bound);
}

double oracle_seconds(const Offer& oracle, const Subject& subject) {
    return oracle.seconds * static_cast<double>(subject.pictures());
}

std::string oracle_name() {
    return "naive";
}

Verification::Verification(const Device& device, const Subject& subject, Offers& offers,
                           std::optional<double> tolerance, const std::function<bool()>& stopped)
    : subject_(subject),
      tolerance_(tolerance),
      bound_(device, subject.problem(), subject.weights()) {
    if (!tolerance) measure_sizes(stopped);
    const Offer& oracle = offers.of(find_method(device, oracle_name()));
    const double seconds = oracle_seconds(oracle, subject);
    if (seconds <= kLongestOracle) {
        compute_reference(oracle, oracle_name(), stopped);
        description_ = fmt::format("{}, every sample", oracle_name());
        return;
    }
    sample_rows(oracle, stopped);
    description_ = fmt::format("{} on {} random row{}, as all of it is predicted to take {:.0f} s",
                               oracle_name(), rows_.size(), rows_.size() == 1 ? "" : "s", seconds);
    const Method* best = nullptr;
    double least = std::numeric_limits<double>::infinity();
    for (const Method& method : device.methods) {
        const Offer& offer = offers.of(method);
        if (method.name == oracle_name() || !offer.can_run()) continue;
        if (offer.seconds > kLongestOracle || offer.memory.workspace > kLargestReference) continue;
        if (offer.error_factor >= least) continue;
        least = offer.error_factor;
        best = &method;
    }
    if (!best) return;
    reference_factor_ = least;
    compute_reference(offers.of(*best), best->name, stopped);
    description_ += fmt::format("; {}, every sample", best->name);
}

void Verification::measure_sizes(const std::function<bool()>& stopped) {
    sizes_ = std::make_unique<Sums>(subject_, bound_.plan().block_rows);
    const Source magnitudes = ErrorBound::magnitudes(subject_.source());
    BlockLoop(bound_.plan(), subject_.problem(), 0)
        .run(magnitudes, [&](std::int64_t picture, RowRange rows) {
            if (stopped()) throw Interrupted();
            return sizes_->picture(picture).rows(rows.first, rows.count);
        });
}

void Verification::compute_reference(const Offer& offer, const std::string& name,
                                     const std::function<bool()>& stopped) {
    const Plan plan = offer.prepare();
    reference_ = std::make_unique<Sums>(subject_, plan.block_rows);
    reference_name_ = name;
    run_plan(subject_, plan, 0, *reference_, stopped);
}

void Verification::sample_rows(const Offer& oracle, const std::function<bool()>& stopped) {
    const Problem& p = subject_.problem();
    const std::int64_t all = p.P() * subject_.pictures();
    const double each = oracle_seconds(oracle, subject_) / static_cast<double>(all);
    const auto affordable = static_cast<std::int64_t>(kSampleSeconds / each);
    const std::int64_t count =
        std::clamp<std::int64_t>(affordable, 1, std::min(all, kMostSampledRows));
    std::vector<std::int64_t> places;
    // The same rows every time; the first and the last meet the border.
    std::mt19937_64 generator(1);
    std::uniform_int_distribution<std::int64_t> uniform(0, all - 1);
    for (std::int64_t i = 0; i < count; ++i) {
        places.push_back(i == 1 ? 0 : i == 2 ? all - 1 : uniform(generator));
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    for (const std::int64_t place : places) {
        rows_.push_back({place / p.P(), place % p.P(),
                         std::vector<float>(static_cast<std::size_t>(p.N * p.K * p.Q()))});
    }
    const Plan plan = oracle.prepare();
    parallel_for(static_cast<std::int64_t>(rows_.size()), 0, [&](std::int64_t i, int) {
        if (stopped()) throw Interrupted();
        SampledRow& row = rows_[static_cast<std::size_t>(i)];
        const Strides strides{1, p.Q() * p.N, p.Q() * p.N, p.N};
        plan.run(subject_.source().batch(row.picture * p.N, p.N), {row.row, 1},
                 {row.values.data(), {p.N, p.K, 1, p.Q()}, strides}, nullptr);
    });
}

/// What an output (n, k, p, q) of a picture may be off.
double Verification::bound(std::int64_t picture, const Shape& at, double factor) const {
    if (tolerance_) return *tolerance_;
    const double size = double{sizes_->picture(picture)(at.N, at.C, at.H, at.W)};
    return bound_.allowed(at.C, size, factor) +
           (reference_factor_ > 0 ? bound_.allowed(at.C, size, reference_factor_) : 0);
}

Errors Verification::against_rows(Sums& sums, double factor) const {
    Errors errors;
    const auto [N, K, P, Q] = sums.shape;
    for (const SampledRow& row : rows_) {
        const TensorView<float> values = sums.picture(row.picture);
        const float* truth = row.values.data();
        for (std::int64_t k = 0; k < K; ++k) {
            for (std::int64_t q = 0; q < Q; ++q) {
                for (std::int64_t n = 0; n < N; ++n, ++truth) {
                    errors.add(static_cast<double>(values(n, k, row.row, q)),
                               static_cast<double>(*truth),
                               bound(row.picture, {n, k, row.row, q}, factor));
                }
            }
        }
    }
    return errors;
}

Errors Verification::against_reference(Sums& sums, double factor) const {
    Errors errors;
    const auto [N, K, P, Q] = sums.shape;
    for (std::int64_t picture = 0; picture < subject_.pictures(); ++picture) {
        const TensorView<float> values = sums.picture(picture),
                                truth = reference_->picture(picture);
        for (std::int64_t k = 0; k < K; ++k) {
            for (std::int64_t p = 0; p < P; ++p) {
                const float* a = &values(0, k, p, 0);
                const float* b = &truth(0, k, p, 0);
                for (std::int64_t i = 0; i < Q * N; ++i) {
                    errors.add(static_cast<double>(a[i]), static_cast<double>(b[i]),
                               bound(picture, {i % N, k, p, i / N}, factor));
                }
            }
        }
    }
    return errors;
}

Errors Verification::check(Sums& sums, double factor) const {
    if (rows_.empty()) return against_reference(sums, factor);
    Errors errors = against_rows(sums, factor);
    if (reference_) errors.ratio = std::max(errors.ratio, against_reference(sums, factor).ratio);
    return errors;
}

}  // namespace conv
