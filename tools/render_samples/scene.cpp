// A small recursive ray tracer: soft sun, Fresnel reflection, refraction, supersampling.

#include <numbers>

#include "pictures.hpp"
#include "random.hpp"
#include "world.hpp"

namespace conv::samples {
namespace {

constexpr int kDeepest = 7;
constexpr double kOffSurface = 1e-4;
constexpr double kGlassIndex = 1.5;
/// Rays per pixel, a side of the grid.
constexpr int kGrid = 8;

struct View {
    Vec3 eye, target;
    double zoom;  ///< half the picture's width at distance 1 is 1 / zoom
    Sun sun;
};

/// Schlick's approximation of the share of light that a surface reflects.
double reflected_share(double at_normal, double cosine) {
    return at_normal + (1 - at_normal) * std::pow(1 - clamp01(cosine), 5);
}

/// One ray's journey; `toward_sun` is a point on the sun's disc, the same for all its bounces.
struct Tracer {
    const Sun& sun;
    Vec3 toward_sun;

    Vec3 radiance(const Ray& ray, int depth) const {
        const auto hit = nearest_hit(ray);
        if (!hit) return sky_radiance(ray.direction, sun) + sun_radiance(ray.direction, sun);
        if (depth == kDeepest)
            return ambient_light(ray.at(hit->distance), hit->normal, hit->object);
        if (hit->finish == Finish::glass) return through_glass(ray, *hit, depth);
        const Vec3 mirror = reflection(ray, *hit, depth);
        if (hit->finish == Finish::metal) return mirror * hit->colour;
        const double share = reflected_share(hit->mirror, -dot(ray.direction, hit->normal));
        const Vec3 body = hit->finish == Finish::water ? hit->colour : diffuse(ray, *hit);
        return mix(body, mirror, share);
    }

private:
    Vec3 reflection(const Ray& ray, const Hit& hit, int depth) const {
        Vec3 direction = mirrored(ray.direction, hit.normal);
        // A ripple can send a shallow ray below the water; lift it back over the horizon.
        if (hit.finish == Finish::water) direction.y = std::max(direction.y, 0.004);
        const Vec3 start = ray.at(hit.distance) + hit.normal * kOffSurface;
        return radiance({start, normalized(direction)}, depth + 1);
    }

    Vec3 diffuse(const Ray& ray, const Hit& hit) const {
        const Vec3 point = ray.at(hit.distance) + hit.normal * kOffSurface;
        Vec3 light = ambient_light(point, hit.normal, hit.object);
        const double cosine = dot(hit.normal, toward_sun);
        // Irradiance / pi, as a diffuse surface sends it on: radiance times solid angle / pi.
        const double solid_angle = 2 * (1 - sun.cosine);
        if (cosine <= 0) return hit.colour * light;
        const Vec3 direct =
            sun.radiance * transmission({point, toward_sun}) * (cosine * solid_angle);
        // Varnish spreads the sun's mirror image a little.
        const Vec3 between = normalized(toward_sun - ray.direction);
        const double shine =
            hit.mirror * 9 * std::pow(std::max(dot(between, hit.normal), 0.0), 160);
        return hit.colour * (light + direct) + direct * shine;
    }

    Vec3 through_glass(const Ray& ray, const Hit& hit, int depth) const {
        const bool leaving = dot(ray.direction, hit.normal) > 0;
        const Vec3 normal = leaving ? hit.normal * -1 : hit.normal;
        const double ratio = leaving ? kGlassIndex : 1 / kGlassIndex;
        const double cosine = -dot(ray.direction, normal);
        const double squared = 1 - ratio * ratio * (1 - cosine * cosine);
        const Vec3 place = ray.at(hit.distance);
        const Vec3 back = mirrored(ray.direction, normal);
        if (squared < 0) return radiance({place + normal * kOffSurface, back}, depth + 1);
        const Vec3 onward = ray.direction * ratio + normal * (ratio * cosine - std::sqrt(squared));
        const Vec3 passed =
            hit.colour * radiance({place - normal * kOffSurface, normalized(onward)}, depth + 1);
        if (leaving) return passed;
        return mix(passed, radiance({place + normal * kOffSurface, back}, depth + 1),
                   reflected_share(hit.mirror, cosine));
    }
};

struct Camera {
    Vec3 eye, forward, right, up;

    explicit Camera(const View& view)
        : eye(view.eye),
          forward(normalized(view.target - view.eye) * view.zoom),
          right(normalized(cross({0, 1, 0}, forward))),
          up(cross(normalized(forward), right)) {}

    Ray ray(double u, double v) const { return {eye, normalized(forward + right * u + up * v)}; }
};

/// A point of the sun's disc from two numbers in [0, 1).
Vec3 on_sun(const Sun& sun, double radial, double turn) {
    const double radius = std::sqrt(radial) * std::sqrt(1 - sun.cosine * sun.cosine);
    const Vec3 side = normalized(cross(sun.direction, {0, 1, 0}));
    const Vec3 over = cross(sun.direction, side);
    const double angle = 2 * std::numbers::pi * turn;
    return normalized(sun.direction + side * (radius * std::cos(angle)) +
                      over * (radius * std::sin(angle)));
}

/// Mean over a jittered grid of rays, each already developed: edges of bright things stay smooth.
template <typename Develop>
Vec3 pixel(const View& view, const Camera& camera, Random random, Develop develop, Vec3 frame) {
    Vec3 sum;
    for (int i = 0; i < kGrid * kGrid; ++i) {
        // 37 is prime to 64: the sun's strata come in another order than the pixel's.
        const int j = i * 37 % (kGrid * kGrid);
        const double dx = (i % kGrid + random.uniform()) / kGrid;
        const double dy = (i / kGrid + random.uniform()) / kGrid;
        const double radial = (j % kGrid + random.uniform()) / kGrid;
        const double turn = (j / kGrid + random.uniform()) / kGrid;
        const Tracer tracer{view.sun, on_sun(view.sun, radial, turn)};
        sum = sum + develop(tracer.radiance(
                        camera.ray(frame.x + dx * frame.z, frame.y - dy * frame.z), 0));
    }
    return sum * (1.0 / (kGrid * kGrid));
}

template <typename Develop>
Picture render(const View& view, int width, int height, Develop develop) {
    Picture picture(3, height, width);
    const Camera camera(view);
    const double step = 2.0 / width;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const Vec3 frame{(x - width / 2.0) * step, (height / 2.0 - y) * step, step};
            const Random random(static_cast<std::uint64_t>(y) * 65536 +
                                static_cast<std::uint64_t>(x));
            picture.set(y, x, pixel(view, camera, random, develop, frame));
        }
    return picture;
}

/// Film-like shoulder, then the sRGB curve.
double developed(double radiance) {
    const double exposed = 1 - std::exp(-1.2 * std::max(radiance, 0.0));
    return exposed <= 0.0031308 ? 12.92 * exposed : 1.055 * std::pow(exposed, 1 / 2.4) - 0.055;
}

/// Camera colours to linear sRGB: saturated colours fall outside its gamut, slightly below 0.
Vec3 to_srgb_primaries(Vec3 v) {
    return {1.22 * v.x - 0.18 * v.y - 0.04 * v.z, -0.07 * v.x + 1.15 * v.y - 0.08 * v.z,
            -0.02 * v.x - 0.12 * v.y + 1.14 * v.z};
}

}  // namespace

Picture render_scene(int width, int height) {
    const Sun sun{normalized({-0.62, 0.62, -0.42}), {1060, 880, 640}, 0.9988, 0.0};
    const View view{{0.15, 1.45, -4.6}, {0.18, 0.66, 0.6}, 1.75, sun};
    return render(view, width, height, [](Vec3 v) {
        return Vec3{developed(v.x), developed(v.y), developed(v.z)};
    });
}

Picture render_backlit_scene(int width, int height) {
    const Sun sun{normalized({-0.20, 0.235, 1}), {5200, 3300, 1400}, 0.9998, 8e-5};
    const View view{{0.5, 1.0, -3.9}, {0.05, 0.95, 0.8}, 1.3, sun};
    return render(view, width, height, to_srgb_primaries);
}

}  // namespace conv::samples
