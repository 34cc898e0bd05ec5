#include "conv/whole_weights.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "base/error.hpp"

namespace conv {
namespace {

constexpr double kWhite = 255;
// Of what results may be off: float32 roundings of the kernel's weights and of the quotient.
constexpr double kRoundings = 1e-4;
// The largest rounded weight; it may still grow by what the others leave of the sum.
constexpr std::int64_t kMostRest = 639;
constexpr double kLargestRounded = kMostWeight - kMostRest;
// Denominators of a sum that is taken for a fraction, and how near it must be.
constexpr std::int64_t kMostSumDenominator = 100;
constexpr double kSumTolerance = 1e-6;

WholeWeights refused(std::string reason) {
    WholeWeights weights;
    weights.refusal = std::move(reason);
    return weights;
}

std::int64_t window(const Problem& p) {
    return p.group_channels() * p.R * p.S;
}

double white(const Problem& p) {
    return sample_maximum(p.facts.samples);
}

std::string problem_refusal(const Problem& p, const Weights& weights) {
    constexpr std::int64_t kMostTerms = 65000;  // 255 * 128 * n stays within 32 bits
    if (p.facts.samples == SampleType::f32) {
        return "the samples are f32, it takes 8 and 16 bits";
    }
    if (p.facts.alpha_weighted)
        return "weighted alpha multiplies samples, it takes them as they are";
    if (window(p) > kMostTerms) {
        return fmt::format("a result has {} weights, up to {} fit its sums", window(p), kMostTerms);
    }
    if (weights.values.empty()) return "there are no weights";
    for (const float value : p.border.values) {
        if (value == std::nearbyint(value) && value >= 0 && value <= white(p)) continue;
        return fmt::format("the border's {} is no whole number of {} bits", value,
                           8 * sample_bytes(p.facts.samples));
    }
    return {};
}

/// The kernel's own numbers, or why not.
WholeWeights own_numbers(const WholeNumbers& whole, std::int64_t maps) {
    if (whole.denominator == 0) {
        return refused("its weights are not fractions of a common denominator");
    }
    const auto [least, most] = std::minmax_element(whole.values.begin(), whole.values.end());
    if (*least < kLeastWeight || *most > kMostWeight) {
        return refused(fmt::format(
            "its weights over the denominator {} reach {}, 16 bits hold {} "
            "to {}",
            whole.denominator, *least < kLeastWeight ? *least : *most, kLeastWeight, kMostWeight));
    }
    WholeWeights weights;
    weights.values.assign(whole.values.begin(), whole.values.end());
    weights.bias.assign(whole.bias.begin(), whole.bias.end());
    weights.bias.resize(static_cast<std::size_t>(maps));
    weights.denominator = whole.denominator;
    return weights;
}

struct Fraction {
    std::int64_t above = 0, below = 0;
};

/// A simple fraction near x; below = 0: there is none.
Fraction simple_fraction(double x, double tolerance) {
    for (std::int64_t below = 1; below <= kMostSumDenominator; ++below) {
        const double scaled = x * static_cast<double>(below);
        const double above = std::nearbyint(scaled);
        if (std::abs(scaled - above) <= tolerance * static_cast<double>(below)) {
            return {static_cast<std::int64_t>(above), below};
        }
    }
    return {};
}

double absolute_sum(std::span<const float> values) {
    return std::accumulate(values.begin(), values.end(), 0.0,
                           [](double sum, float w) { return sum + std::abs(double{w}); });
}

/// Weights of one map times the denominator, rounded; what they leave of `sum`, which is that of
/// the map, goes to the largest. False: they are too far off.
bool round_map(std::span<const float> values, std::int64_t denominator, std::int64_t sum,
               std::vector<std::int32_t>& rounded) {
    const auto scale = static_cast<double>(denominator);
    const std::size_t first = rounded.size();
    for (const float w : values) {
        rounded.push_back(static_cast<std::int32_t>(std::nearbyint(double{w} * scale)));
        sum -= rounded.back();
    }
    const auto largest = std::max_element(
        values.begin(), values.end(), [](float a, float b) { return std::abs(a) < std::abs(b); });
    std::int32_t& takes_rest = rounded[first + static_cast<std::size_t>(largest - values.begin())];
    if (std::abs(sum) > kMostRest) return false;
    takes_rest += static_cast<std::int32_t>(sum);
    double off = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        off += std::abs(static_cast<double>(rounded[first + i]) / scale - double{values[i]});
    }
    return kWhite * off + kRoundings <= kMostDeviation;
}

/// Weights rounded to fractions, as fine as 16 bits allow.
WholeWeights rounded_weights(const Problem& p, const Weights& weights, std::string why) {
    const auto each = static_cast<std::size_t>(window(p));
    const auto map = [&](std::int64_t k) {
        return weights.values.subspan(static_cast<std::size_t>(k) * each, each);
    };
    std::vector<Fraction> sums, biases;
    double largest = 0, most = 0;
    std::int64_t unit = 1;
    for (std::int64_t k = 0; k < p.K; ++k) {
        const double absolute = absolute_sum(map(k));
        const double sum = std::accumulate(map(k).begin(), map(k).end(), 0.0);
        const double bias =
            weights.bias.empty() ? 0.0 : double{weights.bias[static_cast<std::size_t>(k)]};
        sums.push_back(simple_fraction(sum, kSumTolerance * absolute));
        biases.push_back(simple_fraction(bias, kSumTolerance));
        if (sums.back().below == 0 || biases.back().below == 0) return refused(std::move(why));
        unit = std::lcm(unit, std::lcm(sums.back().below, biases.back().below));
        for (const float w : map(k)) largest = std::max(largest, std::abs(double{w}));
        most = std::max(most, kWhite * absolute + std::abs(bias));
    }
    if (largest == 0) return refused(std::move(why));
    constexpr double kLargestSum = 0.99 * std::numeric_limits<std::int32_t>::max();
    const double finest = std::min(kLargestRounded / largest, kLargestSum / most);
    WholeWeights rounded;
    rounded.exact = false;
    rounded.denominator = static_cast<std::int64_t>(finest) / unit * unit;
    if (rounded.denominator == 0) return refused(std::move(why));
    for (std::int64_t k = 0; k < p.K; ++k) {
        const auto over = [&](const Fraction& f) {
            return f.above * (rounded.denominator / f.below);
        };
        const auto at = static_cast<std::size_t>(k);
        rounded.bias.push_back(static_cast<std::int32_t>(over(biases[at])));
        if (!round_map(map(k), rounded.denominator, over(sums[at]), rounded.values)) {
            return refused(why + fmt::format(", and rounding them to 16 bits may move a result by "
                                             "more than {} of a level",
                                             kMostDeviation));
        }
    }
    return rounded;
}

/// Why the sums of words do not fit 32 bits.
std::string word_refusal(const Problem& p, const WholeWeights& weights) {
    if (p.facts.samples != SampleType::u16) return {};
    for (std::int64_t k = 0; k < p.K; ++k) {
        const auto map = weights.values.begin() + k * window(p);
        const auto sum = std::accumulate(
            map, map + window(p), std::int64_t{0},
            [](std::int64_t total, std::int32_t w) { return total + std::abs(std::int64_t{w}); });
        if (sum <= kMostWordWeights) continue;
        return fmt::format(
            "its weights over the denominator {} add up to {} without signs, 16-bit samples take "
            "{} at most",
            weights.denominator, sum, kMostWordWeights);
    }
    return {};
}

/// What results reach.
void measure(const Problem& p, WholeWeights& weights) {
    const auto most_sample = static_cast<std::int64_t>(white(p));
    const auto [least, most] = std::minmax_element(weights.values.begin(), weights.values.end());
    weights.eight_bits = *least >= -128 && *most <= 127;
    weights.fits_bytes = true;
    auto value = weights.values.begin();
    for (const std::int64_t bias : weights.bias) {
        std::int64_t low = bias, high = bias;
        for (std::int64_t i = 0; i < window(p); ++i, ++value) {
            (*value < 0 ? low : high) += most_sample * std::int64_t{*value};
        }
        weights.largest_sum = std::max({weights.largest_sum, std::abs(low), std::abs(high)});
        // Half a level is rounded away.
        const bool fits = 2 * low >= -weights.denominator && 2 * high <= 511 * weights.denominator;
        weights.fits_bytes = weights.fits_bytes && fits;
    }
}

}  // namespace

WholeWeights whole_weights(const Problem& problem, const Weights& weights) {
    std::string reason = problem_refusal(problem, weights);
    if (!reason.empty()) return refused(std::move(reason));
    WholeWeights whole = own_numbers(weights.whole, problem.K);
    if (!whole.refusal.empty()) {
        if (problem.facts.results != SampleType::u8 || problem.facts.samples != SampleType::u8) {
            return refused(whole.refusal + "; only 8-bit samples and results take rounded weights");
        }
        whole = rounded_weights(problem, weights, std::move(whole.refusal));
        if (!whole.refusal.empty()) return whole;
    }
    measure(problem, whole);
    std::string too_heavy = word_refusal(problem, whole);
    return too_heavy.empty() ? whole : refused(std::move(too_heavy));
}

}  // namespace conv
