// The drawn and the computed pictures: logo, zone plate, spectral bands.

#include <array>
#include <numbers>

#include "pictures.hpp"
#include "random.hpp"

namespace conv::samples {
namespace {

constexpr double kPi = std::numbers::pi;

/// Signed distance from a rounded square centred on the origin; negative inside.
double rounded_square(double x, double y, double half, double corner) {
    const double dx = std::abs(x) - half + corner, dy = std::abs(y) - half + corner;
    return std::hypot(std::max(dx, 0.0), std::max(dy, 0.0)) + std::min(std::max(dx, dy), 0.0) -
           corner;
}

struct Layer {
    Vec3 colour;
    double opacity;
};

/// `front` over `back`; colours are straight, not multiplied by their opacity.
Layer over(Layer front, Layer back) {
    const double opacity = front.opacity + back.opacity * (1 - front.opacity);
    if (opacity <= 0) return {};
    const Vec3 sum =
        front.colour * front.opacity + back.colour * (back.opacity * (1 - front.opacity));
    return {sum * (1 / opacity), opacity};
}

/// Coverage of a pixel by a shape at this signed distance, in pixels.
double coverage(double distance) {
    return clamp01(0.5 - distance);
}

/// The 5 x 5 binomial kernel as dots: the area of each grows with its weight.
Layer dots(double x, double y, double pitch) {
    constexpr double kWeights[] = {1, 4, 6, 4, 1};
    const int column = std::clamp(static_cast<int>(std::floor(x / pitch + 2.5)), 0, 4);
    const int row = std::clamp(static_cast<int>(std::floor(y / pitch + 2.5)), 0, 4);
    const double weight = kWeights[column] * kWeights[row] / 36;
    const double radius = pitch * (0.10 + 0.36 * std::sqrt(weight));
    const double distance = std::hypot(x - (column - 2) * pitch, y - (row - 2) * pitch) - radius;
    constexpr Vec3 kSmall{0.45, 0.76, 1.0}, kMiddle{1.0, 0.95, 0.84}, kLarge{1.0, 0.66, 0.10};
    const Vec3 colour = mix(mix(kSmall, kMiddle, smooth_step(0.0, 0.42, weight)), kLarge,
                            smooth_step(0.38, 1.0, weight));
    return {colour, coverage(distance)};
}

Layer logo_at(double x, double y, double size) {
    constexpr Vec3 kTop{0.16, 0.30, 0.74}, kBottom{0.06, 0.09, 0.33}, kRim{0.55, 0.72, 1.0};
    const double half = 0.36 * size, corner = 0.11 * size, lift = 0.03 * size;
    const double tile = rounded_square(x, y, half, corner);
    const double shadow = rounded_square(x, y - 1.4 * lift, half, corner);
    const double soft = 1 - smooth_step(-2.2 * lift, 2.6 * lift, shadow);
    const Vec3 slope = mix(kTop, kBottom, smooth_step(-half, half, y + 0.25 * x));
    const double rim = 0.75 * (1 - smooth_step(0, 0.012 * size, std::abs(tile + 0.012 * size))) *
                       (0.5 - 0.5 * y / half);
    Layer logo = over({mix(slope, kRim, rim), coverage(tile)}, {{0.02, 0.03, 0.08}, 0.62 * soft});
    if (tile < 0) logo = over(dots(x, y, 0.128 * size), logo);
    return logo;
}

/// The pure materials of the landscape.
enum Material { kSoil, kCrop, kMeadow, kForest, kWater, kRoad, kMaterials };

double bump(double nanometres, double centre, double width) {
    const double t = (nanometres - centre) / width;
    return std::exp(-0.5 * t * t);
}

/// Leaves: a green hump, chlorophyll's dip at 675 nm, the red edge, the infrared plateau.
double leaf(double nm, double green, double plateau) {
    const double edge = 1 / (1 + std::exp(-(nm - 718) / 14));
    const double dip = 0.035 * bump(nm, 970, 30);
    return 0.03 + green * bump(nm, 552, 34) + (plateau - dip) * edge;
}

/// Reflectance at a wavelength in nanometres, in the order of Material.
constexpr std::array<double (*)(double), kMaterials> kSpectra{
    [](double nm) { return 0.08 + 0.27 * smooth_step(400, 1150, nm) - 0.02 * bump(nm, 900, 50); },
    [](double nm) { return leaf(nm, 0.08, 0.52); },
    [](double nm) { return 0.8 * leaf(nm, 0.08, 0.36) + 0.04 * smooth_step(450, 750, nm); },
    [](double nm) { return leaf(nm, 0.035, 0.30); },
    [](double nm) { return 0.008 + 0.075 * bump(nm, 490, 110); },
    [](double nm) { return 0.17 + 0.07 * smooth_step(420, 1020, nm); },
};

/// The share of each material at a place, in pixels; the shares add up to 1.
std::array<double, kMaterials> mixture(double x, double y) {
    std::array<double, kMaterials> share{};
    const double bend = 9 * std::sin(x * 0.085) + 6 * (fractal_noise(x * 0.06, 0.5, 3, 5) - 0.5);
    const double from_river = std::abs(y - 15 - bend * 0.8) - 3.6;
    const double from_road = std::abs(x * 0.42 + y - 52) - 0.9;
    const double water = 1 - smooth_step(-0.9, 0.9, from_river);
    const double road = (1 - smooth_step(-0.7, 0.7, from_road)) * (1 - water);
    const double woods = fractal_noise(x * 0.075 + 2, y * 0.075 + 4, 4, 9);
    const double forest = smooth_step(0.49, 0.56, woods) * (1 - smooth_step(40, 60, x * 0.4 + y));
    const auto field_x = static_cast<std::int64_t>(std::floor((x + 0.25 * y) / 10.5));
    const auto field_y = static_cast<std::int64_t>(std::floor((y - 0.12 * x) / 8.5));
    const double ripeness = cell_value(field_x, field_y, 77);
    const double rows = 0.12 * std::sin(x * 1.9 + 9 * ripeness);
    const double crop = clamp01(1.35 * ripeness - 0.15 + rows);
    const double meadow = clamp01(1 - smooth_step(0.5, 4.5, from_river));
    const double land = 1 - water - road;
    share[kWater] = water;
    share[kRoad] = road;
    share[kForest] = land * forest;
    share[kMeadow] = land * (1 - forest) * meadow;
    share[kCrop] = land * (1 - forest) * (1 - meadow) * crop;
    share[kSoil] = land * (1 - forest) * (1 - meadow) * (1 - crop);
    return share;
}

}  // namespace

Picture render_logo(int size) {
    constexpr Vec3 kHidden{0.0, 1.0, 0.0};
    Picture picture(4, size, size);
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x) {
            const Layer logo = logo_at(x + 0.5 - 0.5 * size, y + 0.5 - 0.48 * size, size);
            // What rounds to opacity 0 in 8 bits must not show: its colour is a trap for filters.
            const bool visible = logo.opacity * 255 >= 0.5;
            picture.set(y, x, visible ? logo.colour : kHidden);
            picture.at(y, x, 3) = visible ? logo.opacity : 0;
        }
    return picture;
}

Picture render_zone_plate(int size) {
    Picture picture(1, size, size);
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x) {
            // Whole numbers: cos has period 2 size in r^2 and no large argument is needed.
            const int dx = x - size / 2, dy = y - size / 2;
            const int phase = (dx * dx + dy * dy) % (2 * size);
            picture.at(y, x) = 0.5 + 0.5 * std::cos(kPi * phase / size);
        }
    return picture;
}

Picture render_bands(int width, int height) {
    constexpr int kBands = 16;
    Picture picture(kBands, height, width);
    Random random(99);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const auto share = mixture(x, y);
            const double relief = 0.82 + 0.36 * fractal_noise(x * 0.11, y * 0.11, 4, 55);
            for (int band = 0; band < kBands; ++band) {
                double sum = 0;
                for (std::size_t m = 0; m < kMaterials; ++m)
                    sum += share[m] * kSpectra[m](420 + 40 * band);
                picture.at(y, x, band) = sum * relief + 0.004 * random.normal();
            }
        }
    return picture;
}

}  // namespace conv::samples
