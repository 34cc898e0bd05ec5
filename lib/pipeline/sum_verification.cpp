#include "pipeline/sum_verification.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"

namespace conv {
namespace {

// About a second of naive.
constexpr double kNaiveMacs = 3e8;

/// The method that checks `tested`: never the same one on the same device.
const Method& reference_method(const Device& reference, const Choice& tested,
                               const Problem& problem) {
    const bool itself = tested.device == &reference && tested.method->name == "gemm";
    return find_method(reference, problem.macs() < kNaiveMacs || itself ? "naive" : "gemm");
}

/// How many bounds apart two results are: NaN agrees with NaN, an infinity with itself.
double distance(float a, float b, double bound) {
    if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
    const double difference = std::abs(static_cast<double>(a) - static_cast<double>(b));
    if (!std::isfinite(difference)) return std::numeric_limits<double>::infinity();
    return difference / bound;
}

}  // namespace

SumVerification::SumVerification(const Device& reference, const Choice& tested,
                                 const Problem& problem, const Weights& weights)
    : problem_(problem),
      tested_(tested.device->name + " " + tested.method->name),
      bound_(reference, problem, weights),
      tested_factor_(tested.offer.error_factor) {
    const Method& method = reference_method(reference, tested, problem);
    reference_ = reference.name + " " + method.name;
    const Offer offer = method.offer(problem, weights);
    plan_ = offer.prepare();
    reference_factor_ = offer.error_factor;
}

void SumVerification::check(const Source& source, RowRange rows, TensorView<float> results) const {
    const std::int64_t N = problem_.N, K = problem_.K, Q = problem_.Q();
    const std::int64_t each = std::max(plan_.block_rows, bound_.plan().block_rows);
    const std::int64_t most = std::min(each, rows.count);
    AlignedBuffer<float> expected(N * K * most * Q), sizes(N * K * most * Q);
    AlignedBuffer<std::byte> workspace(
        std::max(plan_.workspace_bytes, bound_.plan().workspace_bytes));
    const Source magnitudes = ErrorBound::magnitudes(source);
    const auto run = [&](const Plan& plan, const Source& from, const Part& part,
                         TensorView<float> to) {
        for (std::int64_t first = 0; first < part.rows.count; first += plan.block_rows) {
            const std::int64_t count = std::min(plan.block_rows, part.rows.count - first);
            plan.run(from, {part.rows.first + first, count}, to.rows(first, count),
                     reinterpret_cast<float*>(workspace.data()));
        }
    };
    for (std::int64_t first = 0; first < rows.count; first += most) {
        const std::int64_t count = std::min(most, rows.count - first);
        const Shape shape{N, K, count, Q};
        const Strides strides{1, count * Q * N, Q * N, N};
        const Part part{{rows.first + first, count},
                        results.rows(first, count),
                        {expected.data(), shape, strides},
                        {sizes.data(), shape, strides}};
        run(plan_, source, part, part.expected);
        run(bound_.plan(), magnitudes, part, part.sizes);
        compare(part);
    }
}

void SumVerification::Errors::add(const Errors& other) {
    worst = std::max(worst, other.worst);
    sum += other.sum;
    count += other.count;
}

SumVerification::Errors SumVerification::error_of(float got, float wanted, float size,
                                                  double apart) const {
    if (!(size > 0) || !std::isfinite(size) || !std::isfinite(got)) return {apart, 0, 0};
    const double beyond = std::abs(double{got} - double{wanted}) - problem_.facts.slack;
    return {apart, std::max(beyond, 0.0) / double{size}, 1};
}

/// What both results together may be apart.
double SumVerification::allowed(std::int64_t k, float size) const {
    return bound_.allowed(k, double{size}, tested_factor_) +
           bound_.allowed(k, double{size}, reference_factor_);
}

void SumVerification::compare(const Part& part) const {
    Errors errors;
    for (std::int64_t k = 0; k < problem_.K; ++k) {
        for (std::int64_t p = 0; p < part.rows.count; ++p) {
            const float* got = &part.results(0, k, p, 0);
            const float* wanted = &part.expected(0, k, p, 0);
            const float* sizes = &part.sizes(0, k, p, 0);
            for (std::int64_t i = 0; i < problem_.Q() * problem_.N; ++i) {
                const double apart = distance(got[i], wanted[i], allowed(k, sizes[i]));
                errors.add(error_of(got[i], wanted[i], sizes[i], apart));
                if (apart <= 1) continue;
                fail(ErrorKind::device,
                     "--verify: {} gives {} in map {}, row {}, column {} where {} gives {}, use "
                     "--device cpu",
                     tested_, got[i], k, part.rows.first + p, i / problem_.N, reference_,
                     wanted[i]);
            }
        }
    }
    const std::lock_guard lock(mutex_);
    errors_.add(errors);
}

double SumVerification::mean() const {
    return errors_.count == 0 ? 0 : errors_.sum / static_cast<double>(errors_.count);
}

void SumVerification::finish() const {
    if (mean() <= kMeanError) return;
    fail(ErrorKind::device,
         "--verify: the sums of {} are {:.2g} of their terms off {} in the mean, float32 sums are "
         "within {:.2g}, use --device cpu",
         tested_, mean(), reference_, kMeanError);
}

std::string SumVerification::summary() const {
    return fmt::format("verify: every sum of {} agrees with {}, {:.2g} of the error bound apart",
                       tested_, reference_, errors_.worst);
}

}  // namespace conv
