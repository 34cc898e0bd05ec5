#include "cpu/sliding/sliding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "cpu/sliding/two_lines.hpp"

namespace conv {
namespace {

// Half of a deviation shows where samples lie in a range, for both sides have the same sum; two
// lines add up.
constexpr double kLineTolerance = 0.9 * kSlidingShare;

/// A kernel as a column times a row, in double precision, whose product is the kernel's own
/// numbers; nothing where it is none.
struct Product {
    std::vector<double> column, row;
};

std::optional<Product> product_of(std::span<const float> kernel, std::size_t R, std::size_t S) {
    const auto larger = [](float a, float b) { return std::abs(a) < std::abs(b); };
    const auto at = static_cast<std::size_t>(
        std::max_element(kernel.begin(), kernel.end(), larger) - kernel.begin());
    const double peak = kernel[at];
    if (peak == 0 || !std::isfinite(peak)) return std::nullopt;
    Product product{std::vector<double>(R), std::vector<double>(S)};
    for (std::size_t r = 0; r < R; ++r) product.column[r] = kernel[r * S + at % S] / peak;
    for (std::size_t s = 0; s < S; ++s) product.row[s] = kernel[at / S * S + s];
    constexpr double kTolerance = 1e-6;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        const double x = product.column[i / S] * product.row[i % S];
        if (!(std::abs(kernel[i] - x) <= kTolerance * std::abs(peak))) return std::nullopt;
    }
    return product;
}

std::optional<std::vector<LinePair>> lines_of(const Problem& p, const Weights& weights) {
    std::vector<LinePair> pairs;
    const auto each = static_cast<std::size_t>(p.R * p.S);
    for (std::size_t k = 0; k < static_cast<std::size_t>(p.K); ++k) {
        const auto kernel = weights.values.subspan(k * each, each);
        const auto product =
            product_of(kernel, static_cast<std::size_t>(p.R), static_cast<std::size_t>(p.S));
        if (!product) return std::nullopt;
        const auto column = sum_of_cosines(product->column, kLineTolerance);
        const auto row = sum_of_cosines(product->row, kLineTolerance);
        if (!column || !row) return std::nullopt;
        pairs.push_back({RunningLine(*column, p.R), RunningLine(*row, p.S),
                         std::reduce(product->column.begin(), product->column.end())});
    }
    return pairs;
}

// Measured on a Sapphire Rapids core, 2048 x 2048: a step of a plain sum, and of a turn, down and
// along; reading, transposing and storing a sample.
constexpr double kSecondsPerSum = 0.5e-9, kSecondsPerTurn = 0.4e-9, kSecondsPerSample = 2e-9;

double seconds(const Problem& p, const std::vector<LinePair>& pairs) {
    double turns = 0;
    for (const LinePair& pair : pairs) {
        turns += static_cast<double>(pair.column.turns.size() + pair.row.turns.size());
    }
    const double block = static_cast<double>(TwoLines::rows_of_block(p) * p.stride_h);
    const double filling = 1 + static_cast<double>(p.R) / block;
    const double samples = static_cast<double>(p.N * p.W) * static_cast<double>(p.P() * p.stride_h);
    const double maps = static_cast<double>(p.K);
    return samples * filling *
           (maps * (kSecondsPerSum + kSecondsPerSample) + turns * kSecondsPerTurn);
}

std::string rejection(const Problem& p) {
    if (p.group_channels() != 1) return "made for kernels that filter each channel by itself";
    if (p.dilation_h != 1 || p.dilation_w != 1) return "made for kernels without dilation";
    return {};
}

Offer offer(const Problem& p, const Weights& weights) {
    if (std::string reason = rejection(p); !reason.empty()) return refuse(std::move(reason));
    std::optional<std::vector<LinePair>> pairs = lines_of(p, weights);
    if (!pairs) {
        return refuse(fmt::format(
            "the kernel is not a symmetric column times a symmetric row of {} cosines or fewer",
            kMostCosines));
    }
    const double predicted = seconds(p, *pairs);
    const auto sums = std::make_shared<const TwoLines>(p, std::move(*pairs), weights.bias);
    const Memory memory = sums->memory();
    return {.seconds = predicted, .error_factor = 2, .memory = memory, .prepare = [=] {
                return plan_of(memory, sums);
            }};
}

}  // namespace

Method sliding_method() {
    return {
        .name = "sliding",
        .summary =
            "running sums, at the same cost for every window; exact for boxes, else off by at most "
            "0.01 % of the range times sum |w|",
        .offer = offer};
}

}  // namespace conv
