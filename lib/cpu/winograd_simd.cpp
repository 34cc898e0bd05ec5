#include "cpu/winograd_simd.hpp"

#include <hwy/cache_control.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/winograd_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = HWY_CAPPED(float, kWinogradLanes);
using V = hn::Vec<Tag>;

template <int n>
using Vectors = V[std::size_t{n}];

V splat(double value) {
    return hn::Set(Tag(), static_cast<float>(value));
}

/// Products of a tile with the transform matrices, one dimension at a time.
template <int m>
struct Transform;

template <>
struct Transform<2> {
    static constexpr int t = 4;
    static void input(const V* d, V* out) {
        out[0] = hn::Sub(d[2], d[0]);
        out[1] = hn::Add(d[2], d[1]);
        out[2] = hn::Sub(d[2], d[1]);
        out[3] = hn::Sub(d[3], d[1]);
    }
    static void output(const V* x, V* out) {
        out[0] = hn::Add(x[0], hn::Add(x[1], x[2]));
        out[1] = hn::Add(hn::Sub(x[1], x[2]), x[3]);
    }
};

template <>
struct Transform<4> {
    static constexpr int t = 6;
    static constexpr double a = kWinogradA4, b = kWinogradB4;
    static void input(const V* d, V* out) {
        const V aa = splat(a * a), bb = splat(b * b), sum = splat(a * a + b * b);
        const V aabb = splat(a * a * b * b);
        out[0] = hn::NegMulAdd(sum, d[2], hn::MulAdd(aabb, d[0], d[4]));
        const V even_a = hn::NegMulAdd(bb, d[2], d[4]);
        const V odd_a = hn::Mul(splat(a), hn::NegMulAdd(bb, d[1], d[3]));
        out[1] = hn::Add(even_a, odd_a);
        out[2] = hn::Sub(even_a, odd_a);
        const V even_b = hn::NegMulAdd(aa, d[2], d[4]);
        const V odd_b = hn::Mul(splat(b), hn::NegMulAdd(aa, d[1], d[3]));
        out[3] = hn::Add(even_b, odd_b);
        out[4] = hn::Sub(even_b, odd_b);
        out[5] = hn::NegMulAdd(sum, d[3], hn::MulAdd(aabb, d[1], d[5]));
    }
    static void output(const V* x, V* out) {
        const V even_a = hn::Add(x[1], x[2]), odd_a = hn::Sub(x[1], x[2]);
        const V even_b = hn::Add(x[3], x[4]), odd_b = hn::Sub(x[3], x[4]);
        out[0] = hn::Add(x[0], hn::Add(even_a, even_b));
        out[1] = hn::MulAdd(splat(b), odd_b, hn::Mul(splat(a), odd_a));
        out[2] = hn::MulAdd(splat(b * b), even_b, hn::Mul(splat(a * a), even_a));
        out[3] = hn::MulAdd(splat(b * b * b), odd_b, hn::MulAdd(splat(a * a * a), odd_a, x[5]));
    }
};

template <int m>
void input_tiles(const float* planes, int64_t plane_step, int64_t pitch, int64_t count, float* out,
                 int64_t out_step) {
    constexpr int t = Transform<m>::t;
    const Tag tag;
    for (int64_t l = 0; l < count; l += static_cast<int64_t>(hn::Lanes(tag))) {
        Vectors<t * t> half;
        for (int j = 0; j < t; ++j) {
            Vectors<t> column, product;
            for (int i = 0; i < t; ++i) {
                column[i] =
                    hn::LoadU(tag, planes + (i % m * t + j) * plane_step + l + i / m * pitch);
            }
            Transform<m>::input(column, product);
            for (int i = 0; i < t; ++i) half[i * t + j] = product[i];
        }
        for (int i = 0; i < t; ++i) {
            Vectors<t> product;
            Transform<m>::input(half + i * t, product);
            for (int j = 0; j < t; ++j) {
                hn::StoreU(product[j], tag, out + (i * t + j) * out_step + l);
            }
        }
    }
}

template <int m>
void output_tiles(const float* in, int64_t in_step, int64_t count, float* out, int64_t out_step) {
    constexpr int t = Transform<m>::t;
    const Tag tag;
    for (int64_t l = 0; l < count; l += static_cast<int64_t>(hn::Lanes(tag))) {
        Vectors<m * t> half;
        for (int j = 0; j < t; ++j) {
            Vectors<t> column;
            Vectors<m> product;
            for (int i = 0; i < t; ++i) {
                column[i] = hn::LoadU(tag, in + (i * t + j) * in_step + l);
            }
            Transform<m>::output(column, product);
            for (int i = 0; i < m; ++i) half[i * t + j] = product[i];
        }
        for (int i = 0; i < m; ++i) {
            Vectors<m> product;
            Transform<m>::output(half + i * t, product);
            for (int j = 0; j < m; ++j) {
                hn::StoreU(product[j], tag, out + (i * m + j) * out_step + l);
            }
        }
    }
}

void split2(const float* row, int64_t count, float* out, int64_t step) {
    const Tag tag;
    for (int64_t x = 0; x < count; x += static_cast<int64_t>(hn::Lanes(tag))) {
        V v0, v1;
        hn::LoadInterleaved2(tag, row + 2 * x, v0, v1);
        hn::StoreU(v0, tag, out + x);
        hn::StoreU(v1, tag, out + step + x);
        hn::LoadInterleaved2(tag, row + 2 * (x + 1), v0, v1);
        hn::StoreU(v0, tag, out + 2 * step + x);
        hn::StoreU(v1, tag, out + 3 * step + x);
    }
}

void split4(const float* row, int64_t count, float* out, int64_t step) {
    const Tag tag;
    for (int64_t x = 0; x < count; x += static_cast<int64_t>(hn::Lanes(tag))) {
        V v0, v1, v2, v3;
        hn::LoadInterleaved4(tag, row + 4 * x, v0, v1, v2, v3);
        hn::StoreU(v0, tag, out + x);
        hn::StoreU(v1, tag, out + step + x);
        hn::StoreU(v2, tag, out + 2 * step + x);
        hn::StoreU(v3, tag, out + 3 * step + x);
        hn::LoadInterleaved4(tag, row + 4 * (x + 1), v0, v1, v2, v3);
        hn::StoreU(v0, tag, out + 4 * step + x);
        hn::StoreU(v1, tag, out + 5 * step + x);
    }
}

void join2(const float* in, int64_t step, int64_t count, float bias, float* row) {
    const Tag tag;
    const V b = hn::Set(tag, bias);
    for (int64_t x = 0; x < count; x += static_cast<int64_t>(hn::Lanes(tag))) {
        hn::StoreInterleaved2(hn::Add(hn::LoadU(tag, in + x), b),
                              hn::Add(hn::LoadU(tag, in + step + x), b), tag, row + 2 * x);
    }
}

void join4(const float* in, int64_t step, int64_t count, float bias, float* row) {
    const Tag tag;
    const V b = hn::Set(tag, bias);
    for (int64_t x = 0; x < count; x += static_cast<int64_t>(hn::Lanes(tag))) {
        hn::StoreInterleaved4(hn::Add(hn::LoadU(tag, in + x), b),
                              hn::Add(hn::LoadU(tag, in + step + x), b),
                              hn::Add(hn::LoadU(tag, in + 2 * step + x), b),
                              hn::Add(hn::LoadU(tag, in + 3 * step + x), b), tag, row + 4 * x);
    }
}

void input2(const float* planes, int64_t plane_step, int64_t pitch, int64_t count, float* out,
            int64_t out_step) {
    input_tiles<2>(planes, plane_step, pitch, count, out, out_step);
}

void input4(const float* planes, int64_t plane_step, int64_t pitch, int64_t count, float* out,
            int64_t out_step) {
    input_tiles<4>(planes, plane_step, pitch, count, out, out_step);
}

void output2(const float* in, int64_t in_step, int64_t count, float* out, int64_t out_step) {
    output_tiles<2>(in, in_step, count, out, out_step);
}

void output4(const float* in, int64_t in_step, int64_t count, float* out, int64_t out_step) {
    output_tiles<4>(in, in_step, count, out, out_step);
}

// The weights of a layer stream through the cache; the processor's own prefetching stops at pages.
constexpr int64_t kPrefetchFloats = 1024;

/// kRows maps x kVectors vectors of tiles, held in registers over all channels.
template <int kRows, int kVectors>
void multiply_block(const float* weights, int64_t channels, const float* in, int64_t line,
                    float* out) {
    const Tag tag;
    const auto lanes = static_cast<int64_t>(hn::Lanes(tag));
    Vectors<kRows * kVectors> sum;
    for (V& x : sum) x = hn::Zero(tag);
    for (int64_t c = 0; c < channels; ++c, weights += kWinogradMaps, in += line) {
        hwy::Prefetch(weights + kPrefetchFloats);
        Vectors<kVectors> x;
        for (int v = 0; v < kVectors; ++v) x[v] = hn::LoadU(tag, in + v * lanes);
        for (int k = 0; k < kRows; ++k) {
            const V w = hn::Set(tag, weights[k]);
            for (int v = 0; v < kVectors; ++v) {
                sum[k * kVectors + v] = hn::MulAdd(w, x[v], sum[k * kVectors + v]);
            }
        }
    }
    for (int k = 0; k < kRows; ++k) {
        for (int v = 0; v < kVectors; ++v) {
            hn::StoreU(sum[k * kVectors + v], tag, out + k * line + v * lanes);
        }
    }
}

// Sums and one row of inputs must fit the registers: 32 with AVX-512 and on Arm, else 16.
constexpr int kRegisterRows = HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM ? 8 : 4;

template <int kVectors>
void multiply_columns(const float* weights, int64_t channels, const float* in, int64_t line,
                      float* out) {
    for (int k = 0; k < kWinogradMaps; k += kRegisterRows) {
        multiply_block<kRegisterRows, kVectors>(weights + k, channels, in, line, out + k * line);
    }
}

void multiply(const float* weights, int64_t channels, const float* in, int64_t line, int64_t count,
              float* out) {
    const auto lanes = static_cast<int64_t>(hn::Lanes(Tag()));
    int64_t vectors = (count + lanes - 1) / lanes;
    while (vectors > 0) {
        // Three at a time, but never leaving one alone: its few sums would wait for each other.
        const int64_t now = vectors == 4 ? 2 : vectors < 3 ? vectors : 3;
        const auto run = now == 3   ? multiply_columns<3>
                         : now == 2 ? multiply_columns<2>
                                    : multiply_columns<1>;
        run(weights, channels, in, line, out);
        in += now * lanes;
        out += now * lanes;
        vectors -= now;
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(split2);
HWY_EXPORT(split4);
HWY_EXPORT(join2);
HWY_EXPORT(join4);
HWY_EXPORT(input2);
HWY_EXPORT(input4);
HWY_EXPORT(output2);
HWY_EXPORT(output4);
HWY_EXPORT(multiply);

void winograd_split(int m, const float* row, std::int64_t count, float* out,
                    std::int64_t out_step) {
    const auto split = m == 2 ? HWY_DYNAMIC_DISPATCH(split2) : HWY_DYNAMIC_DISPATCH(split4);
    split(row, count, out, out_step);
}

void winograd_join(int m, const float* in, std::int64_t in_step, std::int64_t count, float bias,
                   float* row) {
    const auto join = m == 2 ? HWY_DYNAMIC_DISPATCH(join2) : HWY_DYNAMIC_DISPATCH(join4);
    join(in, in_step, count, bias, row);
}

void winograd_input(int m, const float* planes, std::int64_t plane_step, std::int64_t pitch,
                    std::int64_t count, float* out, std::int64_t out_step) {
    const auto input = m == 2 ? HWY_DYNAMIC_DISPATCH(input2) : HWY_DYNAMIC_DISPATCH(input4);
    input(planes, plane_step, pitch, count, out, out_step);
}

void winograd_output(int m, const float* in, std::int64_t in_step, std::int64_t count, float* out,
                     std::int64_t out_step) {
    const auto output = m == 2 ? HWY_DYNAMIC_DISPATCH(output2) : HWY_DYNAMIC_DISPATCH(output4);
    output(in, in_step, count, out, out_step);
}

void winograd_multiply(const float* weights, std::int64_t channels, const float* in,
                       std::int64_t line, std::int64_t count, float* out) {
    HWY_DYNAMIC_DISPATCH(multiply)(weights, channels, in, line, count, out);
}

}  // namespace conv
#endif  // HWY_ONCE
