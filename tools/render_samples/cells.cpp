// A confluent cell layer under a fluorescence microscope, stained for membranes and nuclei.

#include <numbers>
#include <vector>

#include "pictures.hpp"
#include "random.hpp"

namespace conv::samples {
namespace {

constexpr double kSpacing = 46;          ///< pixels between cell centres
constexpr double kPhotons = 95;          ///< mean count where the picture is white
constexpr double kDarkLevel = 0.05;      ///< background and camera offset
constexpr double kDividingShare = 0.07;  ///< cells in metaphase

struct Cell {
    double x, y;                                 ///< centre
    double long_axis, short_axis, cosine, sine;  ///< of the nucleus
    double nucleus, body;                        ///< brightness
    bool dividing;
    std::uint64_t seed;
};

Cell make_cell(int column, int row) {
    Random random(static_cast<std::uint64_t>((row + 8) * 512 + column + 8));
    Cell cell{};
    const double shifted = row % 2 == 0 ? 0.0 : 0.5;
    cell.x = (column + shifted + random.between(-0.30, 0.30)) * kSpacing;
    cell.y = (row * 0.9 + random.between(-0.30, 0.30)) * kSpacing;
    const double angle = random.between(0, std::numbers::pi);
    cell.cosine = std::cos(angle);
    cell.sine = std::sin(angle);
    cell.long_axis = random.between(10.0, 14.5);
    cell.short_axis = cell.long_axis * random.between(0.62, 0.9);
    cell.nucleus = random.between(0.36, 0.62);
    cell.body = random.between(0.04, 0.16);
    cell.dividing = random.uniform() < kDividingShare;
    cell.seed = static_cast<std::uint64_t>((row + 8) * 512 + column + 8) * 97;
    return cell;
}

/// Cells that were dealt too close to each other push each other away.
void spread(std::vector<Cell>& layer) {
    constexpr double kWish = 0.93 * kSpacing;
    for (Cell& cell : layer)
        for (const Cell& other : layer) {
            const double dx = cell.x - other.x, dy = cell.y - other.y, gap = std::hypot(dx, dy);
            if (gap == 0 || gap >= kWish) continue;
            cell.x += 0.35 * (kWish - gap) * dx / gap;
            cell.y += 0.35 * (kWish - gap) * dy / gap;
        }
}

std::vector<Cell> make_layer(int size) {
    std::vector<Cell> layer;
    const int count = static_cast<int>(size / (0.9 * kSpacing)) + 2;
    for (int row = -2; row <= count; ++row)
        for (int column = -2; column <= count; ++column) layer.push_back(make_cell(column, row));
    for (int i = 0; i < 4; ++i) spread(layer);
    return layer;
}

/// Chromatin: clumps, one or two dark nucleoli, a soft rim.
double nucleus_light(const Cell& cell, double dx, double dy) {
    const double u = (cell.cosine * dx + cell.sine * dy) / cell.long_axis;
    const double v = (cell.cosine * dy - cell.sine * dx) / cell.short_axis;
    const double wobble = 0.12 * (fractal_noise(dx * 0.12 + 9, dy * 0.12, 2, cell.seed) - 0.5);
    const double radius = std::hypot(u, v) + wobble;
    const double inside = 1 - smooth_step(0.88, 1.06, radius);
    if (inside <= 0) return 0;
    const double clumps = fractal_noise(dx * 0.42, dy * 0.42, 3, cell.seed + 5);
    const double first = std::hypot(u - 0.30, v - 0.12), second = std::hypot(u + 0.36, v + 0.22);
    const double hole =
        0.6 * (1 - smooth_step(0.12, 0.27, first)) + 0.5 * (1 - smooth_step(0.08, 0.22, second));
    return cell.nucleus * inside * (0.55 + 0.9 * clumps) * (1 - std::min(hole, 0.8));
}

/// A dividing cell's chromosomes: one bright, ragged bar.
double plate_light(const Cell& cell, double dx, double dy) {
    const double along = cell.cosine * dx + cell.sine * dy;
    const double across = cell.cosine * dy - cell.sine * dx;
    const double ragged = 3.0 * (fractal_noise(along * 0.4, across * 0.4, 3, cell.seed) - 0.5);
    const double bar = std::max(std::abs(along) - 10.5, std::abs(across) - 2.6) + ragged;
    return 1.15 * (1 - smooth_step(-1.0, 1.2, bar));
}

/// Light from the place (x, y): membranes run where the two nearest centres are equally far.
double light_at(const std::vector<Cell>& layer, double x, double y) {
    const double bent_x = x + 15 * (fractal_noise(x * 0.035, y * 0.035, 3, 21) - 0.5);
    const double bent_y = y + 15 * (fractal_noise(x * 0.035, y * 0.035, 3, 22) - 0.5);
    const Cell* owner = nullptr;
    double nearest = 1e9, second = 1e9;
    for (const Cell& cell : layer) {
        const double distance = std::hypot(bent_x - cell.x, bent_y - cell.y);
        second = std::min(second, std::max(nearest, distance));
        if (distance < nearest) {
            nearest = distance;
            owner = &cell;
        }
    }
    const double edge = second - nearest;
    const double uneven = 0.35 + 0.9 * fractal_noise(x * 0.06, y * 0.06, 3, 23);
    const double membrane = 0.62 * uneven * std::exp(-edge * edge / 6);
    const double grains = fractal_noise(x * 0.33, y * 0.33, 3, 24);
    const double rounded = owner->dividing ? 2.1 : 1.0;
    const double body = owner->body * rounded * (0.35 + 1.2 * grains);
    const auto stain = owner->dividing ? plate_light : nucleus_light;
    return membrane + body + stain(*owner, bent_x - owner->x, bent_y - owner->y);
}

/// Gaussian of this standard deviation along rows (dx = 1) or columns (dx = 0), edges repeated.
Picture blurred(const Picture& picture, double deviation, int dx) {
    const int reach = static_cast<int>(std::ceil(3 * deviation));
    Picture result(1, picture.height, picture.width);
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x) {
            double sum = 0, total = 0;
            for (int i = -reach; i <= reach; ++i) {
                const double weight = std::exp(-0.5 * i * i / (deviation * deviation));
                const int row = std::clamp(y + (1 - dx) * i, 0, picture.height - 1);
                const int column = std::clamp(x + dx * i, 0, picture.width - 1);
                sum += weight * picture.at(row, column);
                total += weight;
            }
            result.at(y, x) = sum / total;
        }
    return result;
}

Picture blurred(const Picture& picture, double deviation) {
    return blurred(blurred(picture, deviation, 1), deviation, 0);
}

}  // namespace

Picture render_cells(int size) {
    const auto layer = make_layer(size);
    Picture light(1, size, size);
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x) light.at(y, x) = light_at(layer, x, y);
    const Picture focused = blurred(light, 0.9), defocused = blurred(light, 3.2);
    const Picture haze = blurred(light, 16);
    Picture result(1, size, size);
    Random random(2024);
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x) {
            // The layer is not quite flat: parts of it leave the focal plane.
            const double depth = fractal_noise(x * 0.006 + 3, y * 0.006, 2, 41);
            const double sharp = 1 - smooth_step(0.55, 0.80, depth);
            const double seen = mix(defocused.at(y, x), focused.at(y, x), sharp);
            const double vignette =
                1 - 0.35 * (std::pow(x - size / 2.0, 2) + std::pow(y - size / 2.0, 2)) /
                        (size * size / 2.0);
            const double mean = kDarkLevel + vignette * (1.25 * seen + 0.30 * haze.at(y, x));
            const double count = random.poisson(mean * kPhotons) / kPhotons;
            result.at(y, x) = count + 0.008 * random.normal();
        }
    return result;
}

}  // namespace conv::samples
