#include "pipeline/bank.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.hpp"
#include "base/size.hpp"
#include "kernels/analysis.hpp"

namespace conv {
namespace {

struct Sums {
    double sum = 0, absolute = 0;
};

template <typename Iterator>
Sums sums_of(Iterator begin, Iterator end) {
    Sums sums;
    for (; begin != end; ++begin) {
        sums.sum += static_cast<double>(*begin);
        sums.absolute += std::abs(static_cast<double>(*begin));
    }
    return sums;
}

/// Divides one map's values as asked; the kernel names itself in the error.
void normalize(double* begin, double* end, Normalization normalization, const Kernel& kernel) {
    if (normalization == Normalization::none) return;
    const Sums sums = sums_of(begin, end);
    const bool by_sum = normalization != Normalization::abs;
    if (normalization == Normalization::sum_or_none && sums_to_zero(sums.sum, sums.absolute))
        return;
    if (by_sum ? sums_to_zero(sums.sum, sums.absolute) : sums.absolute == 0) {
        fail(ErrorKind::usage,
             "kernel {}: its values sum to {:g}, --normalize {} would divide by zero, use "
             "--normalize {}",
             kernel.name, by_sum ? sums.sum : 0.0, by_sum ? "sum" : "abs",
             by_sum && sums.absolute > 0 ? "abs or none" : "none");
    }
    const double divisor = by_sum ? sums.sum : sums.absolute;
    for (; begin != end; ++begin) *begin /= divisor;
}

/// One kernel's values after its own scale, normalisation, --scale and --convolve.
std::vector<double> prepared_values(const Kernel& kernel, const FilterSettings& settings) {
    std::vector<double> values = kernel.values;
    for (double& v : values) v *= kernel.scale;
    const Normalization normalization = settings.normalization.value_or(
        kernel.normalize_by_default ? Normalization::sum : Normalization::none);
    const std::int64_t map = kernel.C * kernel.R * kernel.S;
    for (std::int64_t k = 0; k < kernel.K; ++k) {
        normalize(values.data() + k * map, values.data() + (k + 1) * map, normalization, kernel);
    }
    for (double& v : values) v *= settings.scale;
    if (settings.flip_rows) {
        for (auto at = values.begin(); at != values.end(); at += kernel.S)
            std::reverse(at, at + kernel.S);
    }
    // Reversed rows in reversed planes are the rows as they were, from the last to the first.
    if (settings.flip != settings.flip_rows) {
        const std::int64_t plane = kernel.R * kernel.S;
        for (auto at = values.begin(); at != values.end(); at += plane)
            std::reverse(at, at + plane);
    }
    return values;
}

/// Where the kernel sits on the output pixel, in the window after a flip.
Anchor resolved_anchor(const Kernel& kernel, const FilterSettings& settings) {
    const bool upper = settings.middle_before || settings.padding_rule == PaddingRule::same_upper;
    Anchor anchor{(kernel.S - (upper ? 1 : 0)) / 2, (kernel.R - (upper ? 1 : 0)) / 2};
    if (kernel.anchor) anchor = *kernel.anchor;
    if (settings.anchor) anchor = *settings.anchor;
    if (anchor.x < 0 || anchor.x >= kernel.S || anchor.y < 0 || anchor.y >= kernel.R) {
        fail(ErrorKind::usage,
             "--anchor {},{} lies outside the kernel {} of {} columns x {} rows, use 0,0 to {},{}",
             anchor.x, anchor.y, kernel.name, kernel.S, kernel.R, kernel.S - 1, kernel.R - 1);
    }
    return settings.flip ? Anchor{kernel.S - 1 - anchor.x, kernel.R - 1 - anchor.y} : anchor;
}

float to_float(double value, const Kernel& kernel) {
    const auto narrowed = static_cast<float>(value);
    if (!std::isfinite(narrowed)) {
        fail(ErrorKind::usage,
             "kernel {}: a value becomes {:g}, which does not fit float32, use a "
             "smaller --scale",
             kernel.name, value);
    }
    return narrowed;
}

/// One window that holds all 2-D kernels with their anchors on one cell; `exact` gets its values
/// before they are narrowed.
Bank embed_planes(const std::vector<Kernel>& kernels, const FilterSettings& settings,
                  std::vector<double>& exact) {
    Bank bank;
    bank.K = static_cast<std::int64_t>(kernels.size());
    std::vector<Anchor> anchors;
    std::int64_t right = 0, below = 0;
    for (const Kernel& kernel : kernels) {
        anchors.push_back(resolved_anchor(kernel, settings));
        bank.anchor.x = std::max(bank.anchor.x, anchors.back().x);
        bank.anchor.y = std::max(bank.anchor.y, anchors.back().y);
        right = std::max(right, kernel.S - 1 - anchors.back().x);
        below = std::max(below, kernel.R - 1 - anchors.back().y);
    }
    bank.S = bank.anchor.x + right + 1;
    bank.R = bank.anchor.y + below + 1;
    bank.values.resize(static_cast<std::size_t>(
        checked_product({bank.K, bank.R, bank.S}, "the kernels' common window")));
    exact.resize(bank.values.size());
    for (std::size_t k = 0; k < kernels.size(); ++k) {
        const std::vector<double> values = prepared_values(kernels[k], settings);
        for (std::int64_t r = 0; r < kernels[k].R; ++r) {
            for (std::int64_t s = 0; s < kernels[k].S; ++s) {
                const std::int64_t row = bank.anchor.y - anchors[k].y + r;
                const std::int64_t column = bank.anchor.x - anchors[k].x + s;
                const std::int64_t to =
                    (static_cast<std::int64_t>(k) * bank.R + row) * bank.S + column;
                const double value = values[static_cast<std::size_t>(r * kernels[k].S + s)];
                exact[static_cast<std::size_t>(to)] = value;
                bank.values[static_cast<std::size_t>(to)] = to_float(value, kernels[k]);
            }
        }
    }
    return bank;
}

Bank single_bank(const Kernel& kernel, const FilterSettings& settings, std::vector<double>& exact) {
    Bank bank;
    bank.each_channel = false;
    bank.K = kernel.K;
    bank.C = kernel.C;
    bank.R = kernel.R;
    bank.S = kernel.S;
    bank.anchor = resolved_anchor(kernel, settings);
    exact = prepared_values(kernel, settings);
    for (const double value : exact) bank.values.push_back(to_float(value, kernel));
    return bank;
}

/// The options' bias, or the kernels' own; empty when all are 0.
std::vector<double> resolved_bias(const std::vector<Kernel>& kernels, const Bank& bank,
                                  const FilterSettings& settings) {
    std::vector<double> bias;
    const auto append = [&](const std::vector<double>& from, std::int64_t maps,
                            const std::string& what) {
        const auto count = static_cast<std::int64_t>(from.size());
        if (count > 1 && count != maps) {
            fail(ErrorKind::usage, "{} has {} numbers for {} output map{}, give one number{}", what,
                 count, maps, maps == 1 ? "" : "s", maps == 1 ? "" : fmt::format(" or {}", maps));
        }
        for (std::int64_t k = 0; k < maps; ++k) {
            bias.push_back(count == 0 ? 0.0 : from[static_cast<std::size_t>(count == 1 ? 0 : k)]);
        }
    };
    if (settings.bias) {
        append(*settings.bias, bank.K, "--bias");
    } else {
        for (const Kernel& kernel : kernels) {
            append(kernel.bias, kernel.K, "the bias of kernel " + kernel.name);
        }
    }
    if (std::all_of(bias.begin(), bias.end(), [](double b) { return b == 0; })) return {};
    for (const double b : bias) {
        if (!std::isfinite(static_cast<float>(b))) {
            fail(ErrorKind::usage, "bias {:g} does not fit float32, use a smaller one", b);
        }
    }
    return bias;
}

std::string describe(const Kernel& kernel, const FilterSettings& settings) {
    std::string sizes = kernel.rank == 4   ? fmt::format("{} x {} x ", kernel.K, kernel.C)
                        : kernel.rank == 3 ? fmt::format("{} x ", kernel.C)
                                           : std::string();
    const Normalization normalization = settings.normalization.value_or(
        kernel.normalize_by_default ? Normalization::sum : Normalization::none);
    std::string text = fmt::format("kernel {}: {}, {}{} x {}", kernel.name, kernel.format, sizes,
                                   kernel.R, kernel.S);
    if (kernel.scale != 1) text += fmt::format(", own scale {:g}", kernel.scale);
    if (normalization == Normalization::sum || normalization == Normalization::sum_or_none)
        text += ", normalised by its sum";
    if (normalization == Normalization::abs) text += ", normalised by its absolute sum";
    if (settings.flip) text += ", turned by 180 degrees (--convolve)";
    return text;
}

}  // namespace

Weights Bank::weights() const {
    Weights all = weights_without_bias();
    all.bias = bias;
    const std::span<const std::int32_t> numerators = whole.numerators;
    if (whole.denominator != 0) all.whole.bias = numerators.subspan(values.size());
    return all;
}

Weights Bank::weights_without_bias() const {
    if (whole.denominator == 0) return {values, {}, {}};
    const std::span<const std::int32_t> numerators = whole.numerators;
    return {values, {}, {numerators.first(values.size()), {}, whole.denominator}};
}

bool Bank::has_zero_sum() const {
    for (std::size_t k = 0; k < sums.size(); ++k) {
        if (sums_to_zero(sums[k], absolute_sums[k])) return true;
    }
    return false;
}

bool Bank::has_negative_value() const {
    return std::any_of(values.begin(), values.end(), [](float w) { return w < 0; });
}

Bank make_bank(const std::vector<Kernel>& kernels, const FilterSettings& settings) {
    const bool planes = std::all_of(kernels.begin(), kernels.end(),
                                    [](const Kernel& kernel) { return kernel.rank == 2; });
    if (!planes && kernels.size() > 1) {
        fail(ErrorKind::usage,
             "several kernels must all be 2-D, give one C x R x S kernel or one "
             "K x C x R x S bank alone");
    }
    if (!planes && settings.combine != Combine::stack) {
        fail(ErrorKind::usage, "--combine works on several 2-D kernels, kernel {} is {}-D",
             kernels.front().name, kernels.front().rank);
    }
    std::vector<double> exact;
    Bank bank = planes ? embed_planes(kernels, settings, exact)
                       : single_bank(kernels.front(), settings, exact);
    const std::vector<double> bias = resolved_bias(kernels, bank, settings);
    bank.bias.assign(bias.begin(), bias.end());
    exact.insert(exact.end(), bias.begin(), bias.end());
    if (auto fractions = common_fractions(exact)) bank.whole = std::move(*fractions);
    const std::int64_t map = bank.C * bank.R * bank.S;
    for (std::int64_t k = 0; k < bank.K; ++k) {
        const Sums sums =
            sums_of(bank.values.begin() + k * map, bank.values.begin() + (k + 1) * map);
        bank.sums.push_back(sums.sum);
        bank.absolute_sums.push_back(sums.absolute);
    }
    for (const Kernel& kernel : kernels) bank.decisions.push_back(describe(kernel, settings));
    return bank;
}

}  // namespace conv
