#include "kernels/imagemagick_names.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <utility>

#include "base/error.hpp"
#include "kernels/rotation.hpp"
#include "kernels/source_text.hpp"

namespace conv {
namespace {

using Arguments = ImageMagickArguments;

constexpr double kQuantumScale = 1.0 / 65535;  // 16-bit builds, ImageMagick's usual ones
constexpr double kEpsilon = 1e-12;
/// By dimensions: a square of 4 million numbers, a row of 32 thousand.
constexpr int kLargestRadius[] = {0, 16384, 1024};

Kernel centred(std::int64_t rows, std::int64_t columns, std::vector<double> values) {
    Kernel kernel;
    kernel.R = rows;
    kernel.S = columns;
    kernel.values = std::move(values);
    kernel.anchor = Anchor{(columns - 1) / 2, (rows - 1) / 2};
    return kernel;
}

Kernel turned(std::vector<double> values, double degrees) {
    Kernel kernel = centred(3, 3, std::move(values));
    rotate_by(kernel, degrees);
    return kernel;
}

int checked_radius(double radius, int dimensions) {
    if (!(radius >= 0 && radius <= kLargestRadius[dimensions])) {
        fail(ErrorKind::usage, "ImageMagick kernel radius {}: from 0 to {} works", radius,
             kLargestRadius[dimensions]);
    }
    return static_cast<int>(radius);
}

/// The radius that ImageMagick picks for a Gaussian of `dimensions` 1 or 2: the last before the
/// share of an edge's middle sample falls below one 16-bit step.
int optimal_radius(double sigma, int dimensions) {
    if (sigma <= kEpsilon) return 1;
    double line = 1;
    const auto sample = [sigma](int u) { return std::exp(-0.5 * u * u / (sigma * sigma)); };
    for (int radius = 1; radius <= kLargestRadius[dimensions]; ++radius) {
        line += 2 * sample(radius);
        const double total = dimensions == 2 ? line * line : line;
        if (radius >= 2 && sample(radius) / total < kQuantumScale) return radius - 1;
    }
    return checked_radius(kLargestRadius[dimensions] + 1.0, dimensions);
}

void normalize_sum(std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    for (double& value : values) value *= 1 / sum;
}

Kernel unity(const Arguments& a) {
    return centred(1, 1, {a.rho == 0 ? 1 : a.rho});
}

Kernel gaussian(const Arguments& a) {
    const double sigma = std::abs(a.sigma);
    const int radius = a.rho >= 1 ? checked_radius(a.rho, 2) : optimal_radius(sigma, 2);
    std::vector<double> values;
    for (int v = -radius; v <= radius; ++v) {
        for (int u = -radius; u <= radius; ++u) {
            values.push_back(sigma > kEpsilon
                                 ? std::exp(-(u * u + v * v) * (1 / (2 * sigma * sigma)))
                                 : (u == 0 && v == 0 ? 1.0 : 0.0));
        }
    }
    normalize_sum(values);
    return centred(2 * radius + 1, 2 * radius + 1, std::move(values));
}

/// A row; every sample is the sum of three a third apart, as ImageMagick makes it.
Kernel blur(const Arguments& a) {
    constexpr int kOversampling = 3;
    const double sigma = std::abs(a.sigma);
    const int radius = a.rho >= 1 ? checked_radius(a.rho, 1) : optimal_radius(sigma, 1);
    const int width = 2 * radius + 1;
    std::vector<double> values(static_cast<std::size_t>(width), 0.0);
    const int reach = (width * kOversampling - 1) / 2;
    const double fine = sigma * kOversampling;
    for (int u = -reach; u <= reach && sigma > kEpsilon; ++u) {
        values[static_cast<std::size_t>((u + reach) / kOversampling)] +=
            std::exp(-(u * u) * (1 / (2 * fine * fine)));
    }
    if (sigma <= kEpsilon) values[static_cast<std::size_t>(radius)] = 1;
    normalize_sum(values);
    Kernel kernel = centred(1, width, std::move(values));
    rotate_by(kernel, 90 * std::round(a.xi / 90));
    return kernel;
}

Kernel binomial(const Arguments& a) {
    constexpr int kLargestOrder = 250;
    const double order = a.rho < 1 ? 1 : std::floor(a.rho);
    if (order > kLargestOrder) {
        fail(ErrorKind::usage, "ImageMagick kernel Binomial:{}: up to {} works", order,
             kLargestOrder);
    }
    std::vector<double> row{1};
    for (int i = 0; i < 2 * static_cast<int>(order); ++i) {
        row.push_back(0);
        for (std::size_t j = row.size() - 1; j > 0; --j) row[j] += row[j - 1];
    }
    std::vector<double> values;
    for (const double v : row) {
        for (const double u : row) values.push_back(v * u);
    }
    const auto size = static_cast<std::int64_t>(row.size());
    return centred(size, size, std::move(values));
}

struct LaplacianType {
    int type;
    std::int64_t side;
    std::vector<double> values;
};

/// ImageMagick's numbered Laplacians; every other number is type 0.
const std::vector<LaplacianType>& laplacian_types() {
    // clang-format off
    static const std::vector<LaplacianType> types = {
        {0, 3, {-1, -1, -1,
                -1,  8, -1,
                -1, -1, -1}},
        {1, 3, { 0, -1,  0,
                -1,  4, -1,
                 0, -1,  0}},
        {2, 3, {-2,  1, -2,
                 1,  4,  1,
                -2,  1, -2}},
        {3, 3, { 1, -2,  1,
                -2,  4, -2,
                 1, -2,  1}},
        {5, 5, {-4, -1,  0, -1, -4,
                -1,  2,  3,  2, -1,
                 0,  3,  4,  3,  0,
                -1,  2,  3,  2, -1,
                -4, -1,  0, -1, -4}},
        {7, 7, {-10, -5, -2, -1, -2, -5, -10,
                 -5,  0,  3,  4,  3,  0,  -5,
                 -2,  3,  6,  7,  6,  3,  -2,
                 -1,  4,  7,  8,  7,  4,  -1,
                 -2,  3,  6,  7,  6,  3,  -2,
                 -5,  0,  3,  4,  3,  0,  -5,
                -10, -5, -2, -1, -2, -5, -10}},
        {15, 5, { 0,  0, -1,  0,  0,
                  0, -1, -2, -1,  0,
                 -1, -2, 16, -2, -1,
                  0, -1, -2, -1,  0,
                  0,  0, -1,  0,  0}},
        {19, 9, { 0, -1, -1, -2, -2, -2, -1, -1,  0,
                 -1, -2, -4, -5, -5, -5, -4, -2, -1,
                 -1, -4, -5, -3,  0, -3, -5, -4, -1,
                 -2, -5, -3, 12, 24, 12, -3, -5, -2,
                 -2, -5,  0, 24, 40, 24,  0, -5, -2,
                 -2, -5, -3, 12, 24, 12, -3, -5, -2,
                 -1, -4, -5, -3,  0, -3, -5, -4, -1,
                 -1, -2, -4, -5, -5, -5, -4, -2, -1,
                  0, -1, -1, -2, -2, -2, -1, -1,  0}},
    };
    // clang-format on
    return types;
}

Kernel laplacian(const Arguments& a) {
    const auto& types = laplacian_types();
    const auto found = std::find_if(types.begin(), types.end(), [&](const LaplacianType& entry) {
        return entry.type == static_cast<int>(std::clamp(a.rho, -1.0, 100.0));
    });
    const LaplacianType& type = found == types.end() ? types.front() : *found;
    return centred(type.side, type.side, type.values);
}

Kernel sobel(const Arguments& a) {
    return turned({1, 0, -1, 2, 0, -2, 1, 0, -1}, a.rho);
}
Kernel roberts(const Arguments& a) {
    return turned({0, 0, 0, 1, -1, 0, 0, 0, 0}, a.rho);
}
Kernel prewitt(const Arguments& a) {
    return turned({1, 0, -1, 1, 0, -1, 1, 0, -1}, a.rho);
}
Kernel compass(const Arguments& a) {
    return turned({1, 1, -1, 1, -2, -1, 1, 1, -1}, a.rho);
}
Kernel kirsch(const Arguments& a) {
    return turned({5, -3, -3, 5, 0, -3, 5, -3, -3}, a.rho);
}

Kernel frei_chen(const Arguments& a) {
    if (a.rho > 0) {
        fail(ErrorKind::usage,
             "ImageMagick kernel FreiChen:{}: only FreiChen is known; give others as numbers",
             a.rho);
    }
    constexpr double kRoot = std::numbers::sqrt2;
    return centred(3, 3, {1, 0, -1, kRoot, 0, -kRoot, 1, 0, -1});
}

constexpr const char* kShape =
    "a flat shape for morphology; give it as numbers, or use box or disk";
constexpr const char* kHitAndMiss = "a pattern for morphology, not a convolution kernel";

const ImageMagickName kNames[] = {
    {"unity", unity, nullptr},
    {"gaussian", gaussian, nullptr},
    {"blur", blur, nullptr},
    {"binomial", binomial, nullptr},
    {"laplacian", laplacian, nullptr},
    {"sobel", sobel, nullptr},
    {"freichen", frei_chen, nullptr},
    {"roberts", roberts, nullptr},
    {"prewitt", prewitt, nullptr},
    {"compass", compass, nullptr},
    {"kirsch", kirsch, nullptr},
    {"dog", nullptr, "scaled in ImageMagick's own way; use dog:sigma=1,ratio=1.6"},
    {"log", nullptr, "scaled in ImageMagick's own way; use log:sigma=1"},
    {"comet", nullptr, "not known here; use motion:length=9,angle=0"},
    {"diamond", nullptr, kShape},
    {"square", nullptr, kShape},
    {"rectangle", nullptr, kShape},
    {"disk", nullptr, kShape},
    {"octagon", nullptr, kShape},
    {"plus", nullptr, kShape},
    {"cross", nullptr, kShape},
    {"ring", nullptr, kShape},
    {"peaks", nullptr, kHitAndMiss},
    {"edges", nullptr, kHitAndMiss},
    {"corners", nullptr, kHitAndMiss},
    {"diagonals", nullptr, kHitAndMiss},
    {"lineends", nullptr, kHitAndMiss},
    {"linejunctions", nullptr, kHitAndMiss},
    {"ridges", nullptr, kHitAndMiss},
    {"convexhull", nullptr, kHitAndMiss},
    {"thinse", nullptr, kHitAndMiss},
    {"skeleton", nullptr, kHitAndMiss},
    {"chebyshev", nullptr, "a distance, not a convolution kernel"},
    {"manhattan", nullptr, "a distance, not a convolution kernel"},
    {"octagonal", nullptr, "a distance, not a convolution kernel"},
    {"euclidean", nullptr, "a distance, not a convolution kernel"},
};

}  // namespace

const ImageMagickName* find_imagemagick_name(std::string_view name) {
    const std::string wanted = lower_case(name);
    const auto found = std::find_if(std::begin(kNames), std::end(kNames),
                                    [&](const ImageMagickName& n) { return n.name == wanted; });
    return found == std::end(kNames) ? nullptr : found;
}

}  // namespace conv
