#pragma once

#include <optional>

#include "vec3.hpp"

namespace conv::samples {

struct Ray {
    Vec3 origin, direction;  ///< direction has length 1
    Vec3 at(double distance) const { return origin + direction * distance; }
};

enum class Finish { glossy, metal, glass, water };

/// What a ray met: where, and what the surface is like there.
struct Hit {
    double distance;
    Vec3 normal;  ///< outward, length 1
    Vec3 colour;
    Finish finish;
    double mirror;  ///< share of light reflected at normal incidence
    int object;     ///< for ambient_light; -1 for the ground
};

/// The nearest surface along the ray. The world is a deck with a few objects on it, and a lake
/// around it up to the horizon. y is up, the deck's boards are at y = 0, distances are in metres.
std::optional<Hit> nearest_hit(const Ray& ray);

/// The share of light, per colour, that passes along the ray; glass lets most of it through.
Vec3 transmission(const Ray& ray);

/// Colour of a surface under the whole sky, as far as the objects nearby leave it open.
Vec3 ambient_light(Vec3 point, Vec3 normal, int object);

struct Sun {
    Vec3 direction;  ///< towards the sun, length 1
    Vec3 radiance;   ///< of its disc
    double cosine;   ///< of the disc's angular radius
    double haze;     ///< brightness of the glow around it
};

/// Radiance of hills, clouds and sky; the disc of the sun apart from that.
Vec3 sky_radiance(Vec3 direction, const Sun& sun);
Vec3 sun_radiance(Vec3 direction, const Sun& sun);

}  // namespace conv::samples
