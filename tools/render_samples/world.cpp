#include "world.hpp"

#include <array>
#include <cstddef>
#include <numbers>

#include "random.hpp"

namespace conv::samples {
namespace {

constexpr double kPi = std::numbers::pi;
/// Rays start this far off a surface, so that rounding cannot make them meet it again.
constexpr double kClearance = 1e-5;

using Paint = Vec3 (*)(Vec3 normal);

struct Sphere {
    Vec3 centre;
    double radius;
    Finish finish;
    double mirror;
    Vec3 colour;
    Paint paint = nullptr;  ///< multiplies the colour
};

/// Turns a ball so that its poles do not point straight up.
Vec3 tilted(Vec3 n) {
    constexpr double kSine = 0.479426, kCosine = 0.877583;
    const Vec3 about_z{kCosine * n.x - kSine * n.y, kSine * n.x + kCosine * n.y, n.z};
    return {about_z.x, kCosine * about_z.y - kSine * about_z.z,
            kSine * about_z.y + kCosine * about_z.z};
}

Vec3 chequered(Vec3 normal) {
    const Vec3 n = tilted(normal);
    const double u = (std::atan2(n.z, n.x) / kPi + 1) * 12, v = std::acos(n.y) / kPi * 12;
    const bool odd = (static_cast<int>(u) + static_cast<int>(v)) % 2 != 0;
    return odd ? Vec3{0.62, 0.10, 0.05} : Vec3{0.90, 0.84, 0.70};
}

Vec3 speckled(Vec3 normal) {
    const Vec3 n = tilted(normal);
    const double cloud = fractal_noise(n.x * 3 + n.z, n.y * 3 - n.z, 5, 31);
    const double speck = fractal_noise(n.x * 34 + n.z * 9, n.y * 34 - n.z * 9, 2, 37);
    const Vec3 glaze = mix(Vec3{0.02, 0.10, 0.28}, Vec3{0.05, 0.36, 0.52}, cloud);
    return speck > 0.74 ? Vec3{0.85, 0.80, 0.62} : glaze;
}

Vec3 banded(Vec3 normal) {
    const Vec3 n = tilted(normal);
    const double wave = n.y + 0.05 * std::sin(5 * std::atan2(n.z, n.x));
    return std::sin(wave * 34) > 0 ? Vec3{0.95, 0.95, 0.92} : Vec3{0.04, 0.35, 0.18};
}

constexpr Vec3 kWhite{1, 1, 1};

const std::array kSpheres{
    Sphere{{-0.55, 0.85, 1.55}, 0.85, Finish::metal, 0.92, {0.94, 0.95, 0.97}},
    Sphere{{1.22, 0.62, 1.05}, 0.62, Finish::glossy, 0.045, kWhite, chequered},
    Sphere{{-1.72, 0.50, 0.45}, 0.50, Finish::glossy, 0.06, kWhite, speckled},
    Sphere{{0.42, 0.40, 0.02}, 0.40, Finish::glass, 0.04, {0.97, 0.99, 0.98}},
    Sphere{{-0.55, 0.26, -0.30}, 0.26, Finish::metal, 0.85, {1.0, 0.72, 0.30}},
    Sphere{{1.32, 0.21, -0.42}, 0.21, Finish::glossy, 0.05, kWhite, banded},
    Sphere{{-1.12, 0.14, -0.72}, 0.14, Finish::glossy, 0.05, {0.85, 0.55, 0.03}},
    Sphere{{0.10, 0.11, -0.92}, 0.11, Finish::glossy, 0.05, {0.70, 0.03, 0.05}},
    Sphere{{0.66, 0.09, -1.02}, 0.09, Finish::glossy, 0.05, {0.04, 0.30, 0.62}},
    Sphere{{-0.36, 0.08, -1.10}, 0.08, Finish::glass, 0.04, {0.55, 0.95, 0.70}},
    Sphere{{1.75, 0.12, -0.62}, 0.12, Finish::metal, 0.80, {0.93, 0.60, 0.48}},
};

/// A box turned about the vertical axis, standing on the deck.
struct Box {
    Vec3 centre, half;
    double cosine, sine;

    Vec3 to_local(Vec3 v) const {
        return {cosine * v.x - sine * v.z, v.y, sine * v.x + cosine * v.z};
    }
    Vec3 to_world(Vec3 v) const {
        return {cosine * v.x + sine * v.z, v.y, cosine * v.z - sine * v.x};
    }
};

constexpr Box kBox{{2.38, 0.52, 2.15}, {0.52, 0.52, 0.52}, 0.8253356, 0.5646425};
constexpr int kBoxObject = static_cast<int>(kSpheres.size());

/// A test chart on the sides of the box: a star of wedges in a frame; squares on the top.
Vec3 chart_colour(Vec3 local, Vec3 normal) {
    const Vec3 p{local.x / kBox.half.x, local.y / kBox.half.y, local.z / kBox.half.z};
    constexpr Vec3 kInk{0.03, 0.03, 0.035}, kPaper{0.86, 0.85, 0.80}, kFrame{0.78, 0.36, 0.06};
    const bool top = std::abs(normal.y) > 0.5;
    const double u = std::abs(normal.x) > 0.5 ? p.z : p.x, v = top ? p.z : p.y;
    if (std::max(std::abs(u), std::abs(v)) > 0.9) return kFrame;
    if (top) return (static_cast<int>(u * 4 + 8) + static_cast<int>(v * 4 + 8)) % 2 ? kInk : kPaper;
    const double radius = std::hypot(u, v);
    if (radius > 0.82) return kPaper;
    return std::sin(18 * std::atan2(v, u)) > 0 ? kInk : kPaper;
}

std::optional<double> sphere_distance(const Sphere& sphere, const Ray& ray) {
    const Vec3 offset = ray.origin - sphere.centre;
    const double b = dot(offset, ray.direction);
    const double discriminant = b * b - dot(offset, offset) + sphere.radius * sphere.radius;
    if (discriminant < 0) return std::nullopt;
    const double root = std::sqrt(discriminant);
    if (-b - root > kClearance) return -b - root;
    if (-b + root > kClearance) return -b + root;
    return std::nullopt;
}

Hit sphere_hit(std::size_t index, double distance, const Ray& ray) {
    const Sphere& sphere = kSpheres[index];
    const Vec3 normal = (ray.at(distance) - sphere.centre) * (1 / sphere.radius);
    const Vec3 colour = sphere.paint ? sphere.colour * sphere.paint(normal) : sphere.colour;
    return {distance, normal, colour, sphere.finish, sphere.mirror, static_cast<int>(index)};
}

/// Where the ray enters the box (slab by slab), and the local normal there.
std::optional<Hit> box_hit(const Ray& ray) {
    const Vec3 o = kBox.to_local(ray.origin - kBox.centre), d = kBox.to_local(ray.direction);
    const double origin[] = {o.x, o.y, o.z}, step[] = {d.x, d.y, d.z};
    const double half[] = {kBox.half.x, kBox.half.y, kBox.half.z};
    double enter = kClearance, leave = 1e9, normal[] = {0, 0, 0};
    int side = -1;
    for (int i = 0; i < 3; ++i) {
        const double first = (-std::copysign(half[i], step[i]) - origin[i]) / step[i];
        const double last = (std::copysign(half[i], step[i]) - origin[i]) / step[i];
        if (first > enter) {
            enter = first;
            side = i;
        }
        leave = std::min(leave, last);
    }
    if (side < 0 || enter > leave) return std::nullopt;
    normal[side] = -std::copysign(1.0, step[side]);
    const Vec3 local{normal[0], normal[1], normal[2]};
    const Vec3 colour = chart_colour(o + d * enter, local);
    return Hit{enter, kBox.to_world(local), colour, Finish::glossy, 0.04, kBoxObject};
}

constexpr double kBoard = 0.42, kDeckHalfWidth = 3.9 * kBoard + 1.5, kDeckEnd = 4.6;
constexpr double kWaterLevel = -0.55;

/// Boards run away from the camera; grain, growth rings, gaps, joints and nails are all functions
/// of the place.
Vec3 deck_colour(double x, double z) {
    const double board = std::floor(x / kBoard), across = x / kBoard - board;
    const auto number = static_cast<std::int64_t>(board);
    const double along = z / 2.6 + cell_value(number, 0, 3), piece = std::floor(along);
    const auto seed = static_cast<std::uint64_t>(91 * number + static_cast<std::int64_t>(piece));
    const double gap = std::min(across, 1 - across) * kBoard;
    const double joint = std::min(along - piece, 1 - (along - piece)) * 2.6;
    if (gap < 0.008 || joint < 0.007) return {0.015, 0.010, 0.008};
    const double nail = std::hypot(std::abs(across - 0.5) * kBoard - 0.13, joint - 0.06);
    if (nail < 0.013) return {0.07, 0.07, 0.075};
    const double bend = fractal_noise(x * 2.2, z * 0.45, 3, seed + 500);
    const double rings = 0.5 + 0.5 * std::sin(2 * kPi * (across * 3 + 9 * bend));
    const double fibre = fractal_noise(x * 95, z * 2.6, 4, seed);
    const double shade = 0.45 * rings * rings + 0.55 * fibre;
    const Vec3 wood = mix(Vec3{0.15, 0.066, 0.028}, Vec3{0.50, 0.275, 0.13}, shade);
    return wood * (0.72 + 0.5 * cell_value(number, static_cast<std::int64_t>(piece), 7)) *
           smooth_step(0.004, 0.022, gap);
}

Vec3 water_normal(double x, double z, double distance) {
    const auto height = [](double u, double v) {
        return fractal_noise(u * 1.1, v * 2.1, 4, 61) + 0.3 * value_noise(u * 9, v * 14, 67);
    };
    constexpr double kStep = 0.02;
    const double here = height(x, z), strength = 0.16 / (1 + 0.02 * distance);
    const double slope_x = (height(x + kStep, z) - here) / kStep;
    const double slope_z = (height(x, z + kStep) - here) / kStep;
    return normalized({-slope_x * strength * 0.4, 1, -slope_z * strength * 0.4});
}

std::optional<Hit> ground_hit(const Ray& ray) {
    if (ray.direction.y >= 0) return std::nullopt;
    const double to_deck = -ray.origin.y / ray.direction.y;
    const Vec3 deck = ray.at(to_deck);
    if (to_deck > kClearance && std::abs(deck.x) < kDeckHalfWidth && deck.z < kDeckEnd)
        return Hit{to_deck, {0, 1, 0}, deck_colour(deck.x, deck.z), Finish::glossy, 0.035, -1};
    const double to_water = (kWaterLevel - ray.origin.y) / ray.direction.y;
    if (to_water <= kClearance) return std::nullopt;
    const Vec3 water = ray.at(to_water);
    return Hit{to_water,
               water_normal(water.x, water.z, to_water),
               {0.015, 0.05, 0.055},
               Finish::water,
               0.02,
               -1};
}

/// The share of a hemisphere above `point` that a sphere hides, weighted by the cosine.
double hidden_share(const Sphere& sphere, Vec3 point, Vec3 normal) {
    const Vec3 offset = sphere.centre - point;
    const double squared = dot(offset, offset);
    const double cosine = dot(offset, normal) / std::sqrt(squared);
    return clamp01(std::max(cosine, 0.0) * sphere.radius * sphere.radius / squared);
}

}  // namespace

std::optional<Hit> nearest_hit(const Ray& ray) {
    std::optional<Hit> nearest = ground_hit(ray);
    const auto closer = [&](double d) { return !nearest || d < nearest->distance; };
    if (const auto hit = box_hit(ray); hit && closer(hit->distance)) nearest = hit;
    std::optional<std::size_t> sphere;
    double distance = nearest ? nearest->distance : 1e9;
    for (std::size_t i = 0; i < kSpheres.size(); ++i)
        if (const auto d = sphere_distance(kSpheres[i], ray); d && *d < distance) {
            sphere = i;
            distance = *d;
        }
    return sphere ? sphere_hit(*sphere, distance, ray) : nearest;
}

Vec3 transmission(const Ray& ray) {
    if (box_hit(ray)) return {};
    Vec3 share = kWhite;
    for (const Sphere& sphere : kSpheres) {
        const auto distance = sphere_distance(sphere, ray);
        if (!distance) continue;
        if (sphere.finish != Finish::glass) return {};
        // The ball is a lens: its shadow is dark at the rim and bright in the middle.
        const Vec3 normal = (ray.at(*distance) - sphere.centre) * (1 / sphere.radius);
        const double facing = std::abs(dot(normal, ray.direction));
        share = share * sphere.colour * (0.12 + 2.3 * std::pow(facing, 7));
    }
    return share;
}

Vec3 ambient_light(Vec3 point, Vec3 normal, int object) {
    double open = 1;
    for (std::size_t i = 0; i < kSpheres.size(); ++i)
        if (static_cast<int>(i) != object) open *= 1 - hidden_share(kSpheres[i], point, normal);
    if (object != kBoxObject) {
        const Sphere around_box{kBox.centre, kBox.half.x * 1.15, Finish::glossy, 0, kWhite};
        open *= 1 - hidden_share(around_box, point, normal);
    }
    constexpr Vec3 kSkyLight{0.34, 0.44, 0.62}, kDeckLight{0.27, 0.17, 0.10};
    const double lit = smooth_step(-0.25, 0.7, point.y);
    return mix(kDeckLight * lit, kSkyLight, 0.5 + 0.5 * normal.y) * open;
}

}  // namespace conv::samples
