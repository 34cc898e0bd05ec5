#include "kernels/builtin_edges.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/error.hpp"
#include "kernels/builtin_smoothing.hpp"
#include "kernels/rotation.hpp"

namespace conv {
namespace {

/// A 3x3 kernel that points east, turned to the direction that is asked for, or to all eight.
std::vector<Kernel> directional(const BuiltinArguments& a, std::vector<double> east) {
    Kernel kernel = kernel_2d(3, 3, std::move(east));
    if (a["direction"] == kAllDirections) return all_rotations(kernel, 45);
    rotate_by(kernel, a["direction"]);
    return {std::move(kernel)};
}

/// Makes values whose sum is nearly 0 sum to 0 exactly, in any order of addition: they are rounded
/// to multiples of a quantum so coarse that every partial sum is a double (2^-51 of the sum of
/// absolute values, or less), and the centre takes what the rounding left over.
void make_sum_exactly_zero(std::vector<double>& values) {
    double absolute = 0;
    for (const double value : values) absolute += std::abs(value);
    if (absolute == 0) return;
    const double quantum = std::ldexp(1.0, std::ilogb(absolute) + 2 - 53);
    double sum = 0;
    for (double& value : values) {
        value = std::nearbyint(value / quantum) * quantum;
        sum += value;
    }
    values[values.size() / 2] -= sum;
}

std::vector<double> gaussian_values(std::int64_t size, double sigma) {
    const std::vector<double> line = gaussian_samples(size, sigma);
    std::vector<double> values;
    for (const double y : line) {
        for (const double x : line) values.push_back(y * x);
    }
    return values;
}

std::int64_t size_argument(const BuiltinArguments& a, std::int64_t automatic) {
    const double size = a.value_or("size", static_cast<double>(automatic));
    if (size > kLargestBuiltinSize) {
        fail(ErrorKind::usage,
             "{}: the automatic size is {}; up to {} works: give size= or less blur", a.builtin(),
             automatic, kLargestBuiltinSize);
    }
    return static_cast<std::int64_t>(size);
}

Kernel laplacian(double connectivity) {
    const double corner = connectivity == 8 ? 1 : 0;
    return kernel_2d(3, 3, {corner, 1, corner, 1, -connectivity, 1, corner, 1, corner});
}

Kernel gabor(const BuiltinArguments& a, double theta_degrees) {
    const double wavelength = a["wavelength"];
    const double sigma_u = a.value_or("sigma", 0.56 * wavelength);
    const double sigma_v = sigma_u / a["gamma"];
    const double theta = theta_degrees * std::numbers::pi / 180;
    const double psi = a["psi"] * std::numbers::pi / 180;
    const double cosine = std::cos(theta), sine = std::sin(theta);
    const auto reach = [&](double along_u, double along_v) {
        const double three_sigma =
            3 * std::max(std::abs(sigma_u * along_u), std::abs(sigma_v * along_v));
        return size_argument(a, 2 * std::lrint(three_sigma) + 1) / 2;
    };
    const std::int64_t reach_x = reach(cosine, sine), reach_y = reach(sine, cosine);
    std::vector<double> values;
    // From +reach down: the formula's axes point against the kernel's.
    for (std::int64_t y = reach_y; y >= -reach_y; --y) {
        for (std::int64_t x = reach_x; x >= -reach_x; --x) {
            const double u = static_cast<double>(x) * cosine + static_cast<double>(y) * sine;
            const double v = -static_cast<double>(x) * sine + static_cast<double>(y) * cosine;
            const double bell =
                std::exp(-0.5 / (sigma_u * sigma_u) * u * u - 0.5 / (sigma_v * sigma_v) * v * v);
            values.push_back(bell * std::cos(2 * std::numbers::pi / wavelength * u + psi));
        }
    }
    return kernel_2d(2 * reach_y + 1, 2 * reach_x + 1, std::move(values));
}

}  // namespace

std::vector<Kernel> make_sobel(const BuiltinArguments& a) {
    return directional(a, {-1, 0, 1, -2, 0, 2, -1, 0, 1});
}

std::vector<Kernel> make_scharr(const BuiltinArguments& a) {
    return directional(a, {-3, 0, 3, -10, 0, 10, -3, 0, 3});
}

std::vector<Kernel> make_prewitt(const BuiltinArguments& a) {
    return directional(a, {-1, 0, 1, -1, 0, 1, -1, 0, 1});
}

std::vector<Kernel> make_kirsch(const BuiltinArguments& a) {
    return directional(a, {-3, -3, 5, -3, 0, 5, -3, -3, 5});
}

std::vector<Kernel> make_robinson(const BuiltinArguments& a) {
    return make_sobel(a);
}

std::vector<Kernel> make_roberts(const BuiltinArguments& a) {
    // se, sw, nw, ne: 45, 135, 225 and 315 degrees
    std::vector<Kernel> diagonals = {kernel_2d(2, 2, {-1, 0, 0, 1}), kernel_2d(2, 2, {0, -1, 1, 0}),
                                     kernel_2d(2, 2, {1, 0, 0, -1}),
                                     kernel_2d(2, 2, {0, 1, -1, 0})};
    if (a["direction"] == kAllDirections) return diagonals;
    return {diagonals[static_cast<std::size_t>((a["direction"] - 45) / 90)]};
}

std::vector<Kernel> make_emboss(const BuiltinArguments& a) {
    return directional(a, {-1, 0, 1, -2, 1, 2, -1, 0, 1});
}

std::vector<Kernel> make_laplacian(const BuiltinArguments& a) {
    return {laplacian(a["connectivity"])};
}

std::vector<Kernel> make_sharpen(const BuiltinArguments& a) {
    Kernel kernel = laplacian(a["connectivity"]);
    for (double& value : kernel.values) value = 0 - a["amount"] * value;
    kernel.values[4] += 1;
    return {kernel};
}

std::vector<Kernel> make_unsharp(const BuiltinArguments& a) {
    const std::int64_t size = size_argument(a, size_for(a["sigma"], 3));
    std::vector<double> values = gaussian_values(size, a["sigma"]);
    for (double& value : values) value = 0 - a["amount"] * value;
    values[static_cast<std::size_t>((size / 2) * size + size / 2)] += 1 + a["amount"];
    return {kernel_2d(size, size, std::move(values))};
}

std::vector<Kernel> make_log(const BuiltinArguments& a) {
    const double variance = a["sigma"] * a["sigma"];
    const std::int64_t size = size_argument(a, size_for(a["sigma"], 4));
    const std::vector<double> bell = gaussian_values(size, a["sigma"]);
    const double centre = static_cast<double>(size - 1) / 2;
    std::vector<double> values;
    double sum = 0;
    for (std::int64_t i = 0; i < size * size; ++i) {
        const std::int64_t row = i / size;
        const double y = static_cast<double>(row) - centre;
        const double x = static_cast<double>(i % size) - centre;
        values.push_back(((x * x + y * y) / variance - 2) / variance *
                         bell[static_cast<std::size_t>(i)]);
        sum += values.back();
    }
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= sum * bell[i];
    make_sum_exactly_zero(values);
    return {kernel_2d(size, size, std::move(values))};
}

std::vector<Kernel> make_dog(const BuiltinArguments& a) {
    const double sigma = a["sigma"], sigma2 = a.value_or("sigma2", a["ratio"] * sigma);
    const std::int64_t size = size_argument(a, size_for(std::max(sigma, sigma2), 3));
    std::vector<double> values = gaussian_values(size, sigma);
    const std::vector<double> wide = gaussian_values(size, sigma2);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= wide[i];
    make_sum_exactly_zero(values);
    return {kernel_2d(size, size, std::move(values))};
}

std::vector<Kernel> make_gabor(const BuiltinArguments& a) {
    return {gabor(a, a["theta"])};
}

std::vector<Kernel> make_gabor_bank(const BuiltinArguments& a) {
    constexpr double kMostWeights = 1 << 26;  // 512 MiB
    const auto count = static_cast<int>(a["count"]);
    std::vector<Kernel> bank;
    for (int i = 0; i < count; ++i) {
        bank.push_back(gabor(a, 180.0 * i / count));
        const auto weights = static_cast<double>(bank.back().values.size());
        if (weights * count > kMostWeights) {
            fail(ErrorKind::usage,
                 "gabor-bank: {} kernels of {} weights; up to {} work in all: "
                 "give a smaller size= or count=",
                 count, weights, kMostWeights);
        }
    }
    return bank;
}

}  // namespace conv
