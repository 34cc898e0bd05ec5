#include "gpu/digits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace conv::gpu {
namespace {

constexpr std::int64_t kWhite = 255;
constexpr std::int64_t kExactFloat = std::int64_t{1} << 24;
// Twice what is left of a division still fits 32 bits.
constexpr std::int64_t kMostDenominator = std::int64_t{1} << 28;
// Digits of 8 bits halve weights of 16; shorter ones serve larger windows.
constexpr std::int64_t kBases[] = {256, 64, 16};

/// The digit that is left of `value`, which loses it.
std::int64_t take_digit(std::int64_t& value, std::int64_t base) {
    const std::int64_t half = base / 2;
    const std::int64_t floor = (value + half) >> std::countr_zero(static_cast<std::uint64_t>(base));
    const std::int64_t digit = value - floor * base;
    value = floor;
    return digit;
}

std::int64_t digits_needed(const std::vector<std::int32_t>& values, std::int64_t base) {
    std::int64_t most = 1;
    for (std::int64_t value : values) {
        std::int64_t count = 0;
        for (; value != 0; ++count) take_digit(value, base);
        most = std::max(most, count);
    }
    return most;
}

/// [map][digit][cell].
std::vector<float> cut(const WholeWeights& whole, std::int64_t window, const Digits& form) {
    std::vector<float> digits(whole.values.size() * static_cast<std::size_t>(form.count));
    for (std::size_t i = 0; i < whole.values.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        std::int64_t value = whole.values[i];
        for (std::int64_t d = 0; d < form.count; ++d) {
            const std::int64_t to = (at / window * form.count + d) * window + at % window;
            digits[static_cast<std::size_t>(to)] =
                static_cast<float>(form.count == 1 ? value : take_digit(value, form.base));
        }
    }
    return digits;
}

/// Whether no map's sum, of any of its terms, leaves what float32 counts.
bool exact(const std::vector<float>& values, std::int64_t window) {
    const auto each = static_cast<std::ptrdiff_t>(window);
    for (auto map = values.begin(); map != values.end(); map += each) {
        double sum = 0;
        std::for_each(map, map + each, [&](float w) { sum += std::abs(double{w}); });
        if (static_cast<double>(kWhite) * sum > static_cast<double>(kExactFloat)) return false;
    }
    return true;
}

/// Finds base and count; false where not even the shortest digits are exact.
bool choose_digits(std::int64_t window, Digits& form) {
    form.values = cut(form.whole, window, form);
    if (exact(form.values, window)) return true;
    for (const std::int64_t base : kBases) {
        form.base = base;
        form.count = std::max<std::int64_t>(digits_needed(form.whole.values, base), 2);
        form.values = cut(form.whole, window, form);
        if (exact(form.values, window)) return true;
    }
    return false;
}

}  // namespace

Digits make_digits(const Problem& problem, const Weights& weights) {
    Digits form;
    form.problem = problem;
    form.whole = whole_weights(problem, weights);
    form.refusal = form.whole.refusal;
    if (!form.refusal.empty()) return form;
    if (problem.facts.samples != SampleType::u8) {
        form.refusal = fmt::format("the samples are {}, on a device it takes 8 bits",
                                   sample_type_name(problem.facts.samples));
    } else if (form.whole.largest_sum > std::numeric_limits<std::int32_t>::max() ||
               form.whole.denominator > kMostDenominator) {
        form.refusal = fmt::format("its sums reach {} over {}, 32 bits hold {} over {}",
                                   form.whole.largest_sum, form.whole.denominator,
                                   std::numeric_limits<std::int32_t>::max(), kMostDenominator);
    } else if (!choose_digits(problem.group_channels() * problem.R * problem.S, form)) {
        form.refusal = "its windows are too large for exact sums of float32";
    }
    form.problem.K *= form.count;
    return form;
}

Quotient quotient_of(const Digits& digits) {
    const auto denominator = static_cast<std::int32_t>(digits.whole.denominator);
    return {.digits = static_cast<std::int32_t>(digits.count),
            .base = static_cast<std::int32_t>(digits.base),
            .denominator = denominator,
            .exact = digits.whole.exact ? 1 : 0,
            .inverse = 1 / static_cast<float>(denominator)};
}

}  // namespace conv::gpu
