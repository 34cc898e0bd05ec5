#pragma once

#include <algorithm>
#include <cmath>

namespace conv::samples {

/// A point, a direction or an R, G, B colour.
struct Vec3 {
    double x = 0, y = 0, z = 0;
};

inline Vec3 operator+(Vec3 a, Vec3 b) {
    return {a.x + b.x, a.y + b.y, a.z + b.z};
}
inline Vec3 operator-(Vec3 a, Vec3 b) {
    return {a.x - b.x, a.y - b.y, a.z - b.z};
}
inline Vec3 operator*(Vec3 a, Vec3 b) {
    return {a.x * b.x, a.y * b.y, a.z * b.z};
}
inline Vec3 operator*(Vec3 a, double k) {
    return {a.x * k, a.y * k, a.z * k};
}
inline double dot(Vec3 a, Vec3 b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vec3 cross(Vec3 a, Vec3 b) {
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline Vec3 normalized(Vec3 a) {
    return a * (1 / std::sqrt(dot(a, a)));
}
inline Vec3 mirrored(Vec3 direction, Vec3 normal) {
    return direction - normal * (2 * dot(direction, normal));
}

inline double mix(double a, double b, double t) {
    return a + (b - a) * t;
}
inline Vec3 mix(Vec3 a, Vec3 b, double t) {
    return a + (b - a) * t;
}
inline double clamp01(double v) {
    return std::clamp(v, 0.0, 1.0);
}
/// 0 below `from`, 1 above `to`, a cubic in between.
inline double smooth_step(double from, double to, double v) {
    const double t = clamp01((v - from) / (to - from));
    return t * t * (3 - 2 * t);
}

}  // namespace conv::samples
