#include "kernels/builtin_smoothing.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <utility>

namespace conv {
namespace {

std::int64_t whole(double value) {
    return static_cast<std::int64_t>(value);
}

void divide_by_sum(std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    for (double& value : values) value /= sum;
}

std::vector<double> outer_product(const std::vector<double>& column,
                                  const std::vector<double>& row) {
    std::vector<double> product;
    product.reserve(column.size() * row.size());
    for (const double y : column) {
        for (const double x : row) product.push_back(y * x);
    }
    return product;
}

/// Area of the disk of radius r around 0 within [0,x] x [0,y], for x, y >= 0.
double quarter_disk_area(double x, double y, double r) {
    x = std::min(x, r);
    y = std::min(y, r);
    if (x * x + y * y <= r * r) return x * y;
    const auto primitive = [r](double t) {
        return 0.5 * (t * std::sqrt(std::max(0.0, r * r - t * t)) + r * r * std::asin(t / r));
    };
    const double crossing = std::sqrt(r * r - y * y);  // where the circle leaves the box's top
    return crossing * y + primitive(x) - primitive(crossing);
}

/// The same for any corner, odd in x and y, so that differences give any rectangle.
double signed_area(double x, double y, double r) {
    return std::copysign(1.0, x) * std::copysign(1.0, y) *
           quarter_disk_area(std::abs(x), std::abs(y), r);
}

/// The covered part of the cell at (x, y); the same rounding for all eight of its mirror images.
double covered_area(double cell_x, double cell_y, double r) {
    const double x = std::max(std::abs(cell_x), std::abs(cell_y));
    const double y = std::min(std::abs(cell_x), std::abs(cell_y));
    const double left = x - 0.5, right = x + 0.5, top = y - 0.5, bottom = y + 0.5;
    return std::max(0.0, signed_area(right, bottom, r) - signed_area(left, bottom, r) -
                             signed_area(right, top, r) + signed_area(left, top, r));
}

/// Distance of (x, y) from the segment between -(dx, dy) and (dx, dy).
double segment_distance(double x, double y, double dx, double dy) {
    const double squared = dx * dx + dy * dy;
    const double along = squared > 0 ? std::clamp((x * dx + y * dy) / squared, -1.0, 1.0) : 0;
    return std::hypot(x - along * dx, y - along * dy);
}

/// cos and sin in degrees, exact on the axes.
std::pair<double, double> direction_of(double degrees) {
    const double quarter = degrees / 90;
    if (quarter == std::floor(quarter)) {
        constexpr double kCosines[] = {1, 0, -1, 0};
        const auto turn = static_cast<std::size_t>(((whole(quarter) % 4) + 4) % 4);
        return {kCosines[turn], kCosines[(turn + 3) % 4]};
    }
    const double radians = degrees * std::numbers::pi / 180;
    return {std::cos(radians), std::sin(radians)};
}

}  // namespace

Kernel kernel_2d(std::int64_t R, std::int64_t S, std::vector<double> values) {
    Kernel kernel;
    kernel.R = R;
    kernel.S = S;
    kernel.values = std::move(values);
    return kernel;
}

std::vector<double> gaussian_samples(std::int64_t size, double sigma) {
    std::vector<double> samples;
    for (std::int64_t i = 0; i < size; ++i) {
        const double x = static_cast<double>(i) - static_cast<double>(size - 1) / 2;
        samples.push_back(std::exp(-x * x / (2 * sigma * sigma)));
    }
    divide_by_sum(samples);
    return samples;
}

std::int64_t size_for(double sigma, double reach) {
    return 2 * static_cast<std::int64_t>(std::ceil(reach * sigma)) + 1;
}

std::vector<Kernel> make_gaussian(const BuiltinArguments& a) {
    const std::int64_t automatic = size_for(a["sigma"], 3);
    const std::int64_t size = whole(a.value_or("size", static_cast<double>(automatic)));
    const std::vector<double> samples = gaussian_samples(size, a["sigma"]);
    return {kernel_2d(size, size, outer_product(samples, samples))};
}

std::vector<Kernel> make_box(const BuiltinArguments& a) {
    const std::int64_t width = whole(a.value_or("width", a["size"]));
    const std::int64_t height = whole(a.value_or("height", a["size"]));
    const auto count = static_cast<std::size_t>(width * height);
    Kernel kernel = kernel_2d(height, width, std::vector<double>(count, 1.0));
    kernel.scale = 1 / static_cast<double>(count);
    return {kernel};
}

std::vector<Kernel> make_disk(const BuiltinArguments& a) {
    const double radius = a["radius"];
    const auto reach = static_cast<std::int64_t>(std::ceil(radius - 0.5));
    std::vector<double> values;
    for (std::int64_t y = -reach; y <= reach; ++y) {
        for (std::int64_t x = -reach; x <= reach; ++x) {
            values.push_back(covered_area(static_cast<double>(x), static_cast<double>(y), radius));
        }
    }
    divide_by_sum(values);
    return {kernel_2d(2 * reach + 1, 2 * reach + 1, std::move(values))};
}

std::vector<Kernel> make_binomial(const BuiltinArguments& a) {
    const std::int64_t size = whole(a["size"]);
    std::vector<double> row{1};
    while (static_cast<std::int64_t>(row.size()) < size) {
        row.push_back(0);
        for (std::size_t i = row.size() - 1; i > 0; --i) row[i] += row[i - 1];
    }
    Kernel kernel = kernel_2d(size, size, outer_product(row, row));
    kernel.scale = std::ldexp(1.0, -2 * static_cast<int>(size - 1));
    return {kernel};
}

std::vector<Kernel> make_motion(const BuiltinArguments& a) {
    const double half = (a["length"] - 1) / 2;
    const auto [cosine, sine] = direction_of(a["angle"]);
    const double dx = half * cosine, dy = half * sine;
    const auto reach_x = static_cast<std::int64_t>(std::ceil(std::abs(dx)));
    const auto reach_y = static_cast<std::int64_t>(std::ceil(std::abs(dy)));
    std::vector<double> values;
    for (std::int64_t y = -reach_y; y <= reach_y; ++y) {
        for (std::int64_t x = -reach_x; x <= reach_x; ++x) {
            values.push_back(std::max(
                0.0, 1 - segment_distance(static_cast<double>(x), static_cast<double>(y), dx, dy)));
        }
    }
    divide_by_sum(values);
    return {kernel_2d(2 * reach_y + 1, 2 * reach_x + 1, std::move(values))};
}

std::vector<Kernel> make_identity(const BuiltinArguments&) {
    return {kernel_2d(1, 1, {1})};
}

std::vector<Kernel> make_shift(const BuiltinArguments& a) {
    const std::int64_t x = whole(a["x"]), y = whole(a["y"]);
    const std::int64_t S = 2 * std::abs(x) + 1, R = 2 * std::abs(y) + 1;
    std::vector<double> values(static_cast<std::size_t>(R * S), 0.0);
    // Correlation: the output takes what lies x columns to the left and y rows above.
    values[static_cast<std::size_t>((std::abs(y) - y) * S + std::abs(x) - x)] = 1;
    return {kernel_2d(R, S, std::move(values))};
}

}  // namespace conv
