#include "cpu/sliding/cosines.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace conv {
namespace {

using Vector = std::vector<double>;

// Periods of the first cosine, in windows. Cosines of one window's period meet themselves at its
// ends, where a Gaussian that is cut off has a kink: a longer period has none.
constexpr std::array kPeriods = {1.0, 1.15, 1.3, 1.45, 1.6};

double magnitude(std::span<const double> taps) {
    return std::transform_reduce(taps.begin(), taps.end(), 0.0, std::plus<>(),
                                 [](double t) { return std::abs(t); });
}

bool is_symmetric(std::span<const double> taps) {
    const double tolerance = 1e-6 * magnitude(taps) / static_cast<double>(taps.size());
    return std::equal(taps.begin(), taps.end(), taps.rbegin(),
                      [=](double a, double b) { return std::abs(a - b) <= tolerance; });
}

/// cos(frequency * (s - c)) for every tap.
Vector cosine_line(double frequency, std::size_t taps) {
    Vector line(taps);
    const double middle = static_cast<double>(taps - 1) / 2;
    for (std::size_t s = 0; s < taps; ++s) {
        line[s] = std::cos(frequency * (static_cast<double>(s) - middle));
    }
    return line;
}

double product(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Coordinates of the taps by the lines, least squares: Gram-Schmidt, twice for its rounding.
Vector coordinates(const std::vector<Vector>& lines, std::span<const double> taps) {
    const std::size_t count = lines.size();
    std::vector<Vector> directions = lines;
    std::vector<Vector> combinations(count, Vector(count));  // of lines, for each direction
    for (std::size_t i = 0; i < count; ++i) {
        combinations[i][i] = 1;
        for (int pass = 0; pass < 2; ++pass) {
            for (std::size_t j = 0; j < i; ++j) {
                const double part = product(directions[i], directions[j]);
                for (std::size_t s = 0; s < taps.size(); ++s)
                    directions[i][s] -= part * directions[j][s];
                for (std::size_t m = 0; m < count; ++m)
                    combinations[i][m] -= part * combinations[j][m];
            }
        }
        const double length = std::sqrt(product(directions[i], directions[i]));
        if (!(length > 0)) continue;  // windows of fewer taps than lines
        for (double& x : directions[i]) x /= length;
        for (double& x : combinations[i]) x /= length;
    }
    Vector result(count);
    for (std::size_t i = 0; i < count; ++i) {
        const double part = product(directions[i], taps);
        for (std::size_t m = 0; m < count; ++m) result[m] += part * combinations[i][m];
    }
    return result;
}

CosineSum fit(std::span<const double> taps, std::size_t terms, double period) {
    CosineSum sum;
    std::vector<Vector> lines;
    const double step = 2 * std::numbers::pi / (period * static_cast<double>(taps.size()));
    for (std::size_t j = 0; j < terms; ++j) {
        sum.frequencies.push_back(static_cast<double>(j) * step);
        lines.push_back(cosine_line(sum.frequencies.back(), taps.size()));
    }
    sum.amplitudes = coordinates(lines, taps);
    Vector fitted(taps.size());
    for (std::size_t j = 0; j < terms; ++j) {
        for (std::size_t s = 0; s < taps.size(); ++s) fitted[s] += sum.amplitudes[j] * lines[j][s];
    }
    const double scale =
        std::reduce(taps.begin(), taps.end()) / std::reduce(fitted.begin(), fitted.end());
    for (double& amplitude : sum.amplitudes) amplitude *= scale;
    double off = 0;
    for (std::size_t s = 0; s < taps.size(); ++s) off += std::abs(taps[s] - scale * fitted[s]);
    sum.deviation = off / magnitude(taps);
    return sum;
}

}  // namespace

std::optional<CosineSum> sum_of_cosines(std::span<const double> taps, double tolerance) {
    const double sum = std::reduce(taps.begin(), taps.end());
    if (taps.empty() || !(std::abs(sum) > 1e-6 * magnitude(taps)) || !is_symmetric(taps))
        return std::nullopt;
    const std::size_t most = std::min<std::size_t>(kMostCosines, (taps.size() + 1) / 2);
    for (std::size_t terms = 1; terms <= most; ++terms) {
        CosineSum best;
        best.deviation = std::numeric_limits<double>::infinity();
        for (const double period : kPeriods) {
            CosineSum tried = fit(taps, terms, period);
            if (tried.deviation < best.deviation) best = std::move(tried);
        }
        if (best.deviation <= tolerance) return best;
    }
    return std::nullopt;
}

}  // namespace conv
