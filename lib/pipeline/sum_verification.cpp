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

/// The largest finite magnitude that is read.
double largest_sample(const Problem& problem, const Source& source) {
    double largest = 0;
    for (const float value : problem.border.values) {
        largest = std::max(largest, std::abs(static_cast<double>(value)));
    }
    if (source.type != SampleType::f32) {
        const double white = source.type == SampleType::u8 ? 255 : 65535;
        largest = std::max(largest, white);
        return source.alpha_weighted ? largest * largest : largest;
    }
    std::vector<float> row(static_cast<std::size_t>(source.shape.W * source.shape.N));
    for (std::int64_t c = 0; c < source.shape.C; ++c) {
        for (std::int64_t h = 0; h < source.shape.H; ++h) {
            source.read_row(c, h, 0, source.shape.W, row.data());
            for (const float x : row) {
                if (std::isfinite(x)) largest = std::max(largest, std::abs(static_cast<double>(x)));
            }
        }
    }
    return largest;
}

std::vector<double> error_bounds(const Problem& p, const Weights& weights, double largest,
                                 double factors) {
    constexpr double kEps = 1.0 / (1 << 23);
    const std::int64_t n = p.group_channels() * p.R * p.S;
    std::vector<double> bounds;
    for (std::int64_t k = 0; k < p.K; ++k) {
        double norm = 0;
        for (std::int64_t i = k * n; i < (k + 1) * n; ++i) {
            norm += std::abs(static_cast<double>(weights.values[static_cast<std::size_t>(i)]));
        }
        const double bias = weights.bias.empty()
                                ? 0.0
                                : static_cast<double>(weights.bias[static_cast<std::size_t>(k)]);
        bounds.push_back(4 * factors * kEps * std::sqrt(static_cast<double>(n)) *
                         (largest * norm + std::abs(bias)));
    }
    return bounds;
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
                                 const Problem& problem, const Weights& weights,
                                 const Source& source)
    : problem_(problem), tested_(tested.device->name + " " + tested.method->name) {
    const Method& method = reference_method(reference, tested, problem);
    reference_ = reference.name + " " + method.name;
    const Offer offer = method.offer(problem, weights);
    plan_ = offer.prepare();
    const double factors = offer.error_factor + tested.offer.error_factor;
    bounds_ = error_bounds(problem, weights, largest_sample(problem, source), factors);
}

void SumVerification::check(const Source& source, RowRange rows, TensorView<float> results) const {
    const std::int64_t N = problem_.N, K = problem_.K, Q = problem_.Q();
    const std::int64_t most = std::min(plan_.block_rows, rows.count);
    AlignedBuffer<float> expected(N * K * most * Q);
    AlignedBuffer<std::byte> workspace(plan_.workspace_bytes);
    for (std::int64_t first = 0; first < rows.count; first += most) {
        const RowRange part{rows.first + first, std::min(most, rows.count - first)};
        const TensorView<float> view{
            expected.data(), {N, K, part.count, Q}, {1, part.count * Q * N, Q * N, N}};
        plan_.run(source, part, view, reinterpret_cast<float*>(workspace.data()));
        compare(part, results.rows(first, part.count), view);
    }
}

void SumVerification::compare(RowRange rows, TensorView<float> results,
                              TensorView<float> expected) const {
    double worst = 0;
    for (std::int64_t k = 0; k < problem_.K; ++k) {
        const double bound = bounds_[static_cast<std::size_t>(k)];
        for (std::int64_t p = 0; p < rows.count; ++p) {
            const float* got = &results(0, k, p, 0);
            const float* wanted = &expected(0, k, p, 0);
            for (std::int64_t i = 0; i < problem_.Q() * problem_.N; ++i) {
                const double apart = distance(got[i], wanted[i], bound);
                worst = std::max(worst, apart);
                if (apart <= 1) continue;
                fail(ErrorKind::device,
                     "--verify: {} gives {} in map {}, row {}, column {} where {} gives {}, use "
                     "--device cpu",
                     tested_, got[i], k, rows.first + p, i / problem_.N, reference_, wanted[i]);
            }
        }
    }
    const std::lock_guard lock(mutex_);
    worst_ = std::max(worst_, worst);
}

std::string SumVerification::summary() const {
    return fmt::format("verify: every sum of {} agrees with {}, {:.2g} of the error bound apart",
                       tested_, reference_, worst_);
}

}  // namespace conv
