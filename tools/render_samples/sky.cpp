#include "random.hpp"
#include "world.hpp"

namespace conv::samples {
namespace {

constexpr Vec3 kHorizon{0.74, 0.80, 0.86}, kZenith{0.06, 0.21, 0.62}, kCloud{1.75, 1.66, 1.55};

struct Ridge {
    double height, relief, frequency;  ///< elevation in radians, and how it varies
    Vec3 colour;
};

// From the farthest, bluest to the nearest.
constexpr Ridge kRidges[] = {
    {0.055, 0.150, 2.6, {0.25, 0.34, 0.50}},
    {0.020, 0.110, 4.0, {0.12, 0.20, 0.24}},
    {0.006, 0.060, 7.0, {0.055, 0.10, 0.045}},
};

Vec3 open_sky(Vec3 direction) {
    const double height = std::max(direction.y, 0.0);
    const Vec3 clear = mix(kHorizon, kZenith, std::pow(height, 0.5));
    // Clouds lie on a plane overhead, so that they crowd towards the horizon.
    const double reach = 1.3 / (height + 0.12);
    const double density = fractal_noise(direction.x * reach + 7.3, direction.z * reach, 6, 11);
    const double cover = smooth_step(0.50, 0.72, density) * smooth_step(0.0, 0.16, height);
    return mix(clear, kCloud, 0.9 * cover);
}

double ridge_height(const Ridge& ridge, Vec3 direction, std::uint64_t seed) {
    // Noise on the horizon circle: no seam at any azimuth.
    const double k = ridge.frequency / std::hypot(direction.x, direction.z);
    return ridge.height +
           ridge.relief * fractal_noise(direction.x * k + 20, direction.z * k + 20, 7, seed);
}

/// Woods with mist in the valleys.
Vec3 ridge_colour(const Ridge& ridge, Vec3 direction, double elevation) {
    const double azimuth = std::atan2(direction.x, direction.z), k = 22 * ridge.frequency;
    const double trees = fractal_noise(azimuth * k, elevation * 1.3 * k, 5, 71);
    const double mist = 0.30 * (1 - smooth_step(0, 0.6 * ridge.relief + ridge.height, elevation));
    return mix(ridge.colour * (0.6 + 0.8 * trees), kHorizon, mist);
}

}  // namespace

Vec3 sky_radiance(Vec3 direction, const Sun& sun) {
    Vec3 colour = open_sky(direction);
    const double toward = std::max(dot(direction, sun.direction), 0.0);
    const Vec3 glow = sun.radiance * (sun.haze * (std::pow(toward, 6) + 8 * std::pow(toward, 90)));
    colour = colour + glow;
    const double elevation = std::asin(std::clamp(direction.y, -1.0, 1.0));
    std::uint64_t seed = 101;
    for (const Ridge& ridge : kRidges) {
        const double above = ridge_height(ridge, direction, seed) - elevation;
        if (above > 0) colour = ridge_colour(ridge, direction, elevation) + glow * 0.15;
        seed += 100;
    }
    return colour;
}

Vec3 sun_radiance(Vec3 direction, const Sun& sun) {
    return dot(direction, sun.direction) > sun.cosine ? sun.radiance : Vec3{};
}

}  // namespace conv::samples
