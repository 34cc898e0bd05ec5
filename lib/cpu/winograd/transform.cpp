#include "cpu/winograd/transform.hpp"
#include "cpu/tile/lanes.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/winograd/transform.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = HWY_CAPPED(float, kLanes);
using V = hn::Vec<Tag>;

template <int n>
using Vectors = V[std::size_t{n}];

HWY_INLINE V splat(double value) {
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

/// out[i * width + w] = (B^T d)[i] for each of `width` columns d of t samples.
template <int m>
void input_columns(const float* samples, std::int64_t width, float* out) {
    constexpr int t = Transform<m>::t;
    const Tag tag;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
    for (std::int64_t x = 0; x < width * kLanes; x += lanes) {
        Vectors<t> column, product;
        for (int i = 0; i < t; ++i) {
            column[i] = hn::Load(tag, samples + i * width * kLanes + x);
        }
        Transform<m>::input(column, product);
        for (int i = 0; i < t; ++i) hn::Store(product[i], tag, out + i * width * kLanes + x);
    }
}

template <int m>
void input_tiles(const float* samples, std::int64_t tiles, float* columns, float* out,
                 WinogradSteps steps) {
    constexpr int t = Transform<m>::t;
    const Tag tag;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
    const std::int64_t width = m * tiles + 2;
    input_columns<m>(samples, width, columns);
    for (std::int64_t tile = 0; tile < tiles; ++tile, columns += m * kLanes, out += steps.tile) {
        for (std::int64_t c = 0; c < kLanes; c += lanes) {
            for (int i = 0; i < t; ++i) {
                Vectors<t> row, product;
                for (int j = 0; j < t; ++j) {
                    row[j] = hn::Load(tag, columns + (i * width + j) * kLanes + c);
                }
                Transform<m>::input(row, product);
                for (int j = 0; j < t; ++j) {
                    hn::Store(product[j], tag, out + (i * t + j) * steps.point + c);
                }
            }
        }
    }
}

template <int m>
void output_tile(const float* in, std::int64_t in_step, const float* bias, float* out,
                 std::int64_t width) {
    constexpr int t = Transform<m>::t;
    const Tag tag;
    Vectors<m * t> half;
    for (int j = 0; j < t; ++j) {
        Vectors<t> column;
        Vectors<m> product;
        for (int i = 0; i < t; ++i) column[i] = hn::Load(tag, in + (i * t + j) * in_step);
        Transform<m>::output(column, product);
        for (int i = 0; i < m; ++i) half[i * t + j] = product[i];
    }
    const V b = hn::Load(tag, bias);
    for (int i = 0; i < m; ++i) {
        Vectors<m> product;
        Transform<m>::output(half + i * t, product);
        for (int j = 0; j < m; ++j) {
            hn::Store(hn::Add(product[j], b), tag, out + (i * width + j) * kLanes);
        }
    }
}

template <int m>
void output_tiles(const float* in, WinogradSteps steps, std::int64_t tiles, const float* bias,
                  float* out) {
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(Tag()));
    for (std::int64_t tile = 0; tile < tiles; ++tile, in += steps.tile, out += m * kLanes) {
        for (std::int64_t c = 0; c < kLanes; c += lanes) {
            output_tile<m>(in + c, steps.point, bias + c, out + c, m * tiles);
        }
    }
}

#if HWY_TARGET == HWY_SCALAR
void pack(const float* rows, std::int64_t step, std::int64_t count, float* out) {
    for (std::int64_t w = 0; w < count; ++w) {
        for (std::int64_t c = 0; c < kLanes; ++c) *out++ = rows[c * step + w];
    }
}

void unpack(float* in, std::int64_t count, std::int64_t channels, float* rows, std::int64_t step) {
    for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t w = 0; w < count; ++w) rows[c * step + w] = in[w * kLanes + c];
    }
}
#else
/// Transposes the 4 x 4 numbers in each 128-bit block of four vectors.
HWY_INLINE void transpose_blocks(V* x) {
    const Tag tag;
    const hn::RepartitionToWide<Tag> pairs;
    const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(tag, x[0], x[1]));
    const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(tag, x[2], x[3]));
    const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(tag, x[0], x[1]));
    const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(tag, x[2], x[3]));
    x[0] = hn::BitCast(tag, hn::InterleaveLower(pairs, low01, low23));
    x[1] = hn::BitCast(tag, hn::InterleaveUpper(pairs, low01, low23));
    x[2] = hn::BitCast(tag, hn::InterleaveLower(pairs, high01, high23));
    x[3] = hn::BitCast(tag, hn::InterleaveUpper(pairs, high01, high23));
}

/// Four numbers of each fourth row: block b of the vector from rows + 4 * b * step.
template <class D>
HWY_INLINE hn::Vec<D> load_blocks(D tag, const float* rows, std::int64_t step) {
    if constexpr (hn::MaxLanes(D()) <= 4) {
        return hn::LoadU(tag, rows);
    } else {
        const hn::Half<D> half;
        const std::int64_t rest = static_cast<std::int64_t>(hn::MaxLanes(half)) * step;
        return hn::Combine(tag, load_blocks(half, rows + rest, step),
                           load_blocks(half, rows, step));
    }
}

void pack_quad(const float* rows, std::int64_t step, float* out) {
    const Tag tag;
    for (std::int64_t c = 0; c < kLanes; c += static_cast<std::int64_t>(hn::Lanes(tag))) {
        Vectors<4> x;
        for (int r = 0; r < 4; ++r) x[r] = load_blocks(tag, rows + (c + r) * step, step);
        transpose_blocks(x);
        for (int r = 0; r < 4; ++r) hn::Store(x[r], tag, out + r * kLanes + c);
    }
}

void pack(const float* rows, std::int64_t step, std::int64_t count, float* out) {
    for (std::int64_t w = 0; w + 4 <= count; w += 4) pack_quad(rows + w, step, out + w * kLanes);
    for (std::int64_t w = count / 4 * 4; w < count; ++w) {
        for (std::int64_t c = 0; c < kLanes; ++c) {
            out[w * kLanes + c] = rows[c * step + w];
        }
    }
}

/// Turns four columns into four numbers each of channels 0, 4, 8, 12, then of 1, 5, 9, 13 and so
/// on, in place.
void unpack_quad(float* columns) {
    const Tag tag;
    for (std::int64_t c = 0; c < kLanes; c += static_cast<std::int64_t>(hn::Lanes(tag))) {
        Vectors<4> x;
        for (int r = 0; r < 4; ++r) x[r] = hn::Load(tag, columns + r * kLanes + c);
        transpose_blocks(x);
        for (int r = 0; r < 4; ++r) hn::Store(x[r], tag, columns + r * kLanes + c);
    }
}

// Each channel's row is written as a whole: rows often lie a multiple of a page apart, in one set
// of the cache.
void unpack(float* in, std::int64_t count, std::int64_t channels, float* rows, std::int64_t step) {
    const std::int64_t fours = count / 4 * 4;
    for (std::int64_t w = 0; w < fours; w += 4) unpack_quad(in + w * kLanes);
    for (std::int64_t c = 0; c < channels; ++c, rows += step) {
        const float* from = in + c % 4 * kLanes + c / 4 * 4;
        for (std::int64_t w = 0; w < fours; w += 4) {
            std::memcpy(rows + w, from + w * kLanes, 4 * sizeof(float));
        }
        for (std::int64_t w = fours; w < count; ++w) rows[w] = in[w * kLanes + c];
    }
}
#endif

void input2(const float* samples, std::int64_t tiles, float* columns, float* out,
            WinogradSteps steps) {
    input_tiles<2>(samples, tiles, columns, out, steps);
}

void input4(const float* samples, std::int64_t tiles, float* columns, float* out,
            WinogradSteps steps) {
    input_tiles<4>(samples, tiles, columns, out, steps);
}

void output2(const float* in, WinogradSteps steps, std::int64_t tiles, const float* bias,
             float* out) {
    output_tiles<2>(in, steps, tiles, bias, out);
}

void output4(const float* in, WinogradSteps steps, std::int64_t tiles, const float* bias,
             float* out) {
    output_tiles<4>(in, steps, tiles, bias, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(pack);
HWY_EXPORT(unpack);
HWY_EXPORT(input2);
HWY_EXPORT(input4);
HWY_EXPORT(output2);
HWY_EXPORT(output4);

void winograd_pack(const float* rows, std::int64_t step, std::int64_t count, float* out) {
    HWY_DYNAMIC_DISPATCH(pack)(rows, step, count, out);
}

void winograd_unpack(float* in, std::int64_t count, std::int64_t channels, float* rows,
                     std::int64_t step) {
    HWY_DYNAMIC_DISPATCH(unpack)(in, count, channels, rows, step);
}

void winograd_input(int m, const float* samples, std::int64_t tiles, float* columns, float* out,
                    WinogradSteps steps) {
    const auto input = m == 2 ? HWY_DYNAMIC_DISPATCH(input2) : HWY_DYNAMIC_DISPATCH(input4);
    input(samples, tiles, columns, out, steps);
}

void winograd_output(int m, const float* in, WinogradSteps steps, std::int64_t tiles,
                     const float* bias, float* out) {
    const auto output = m == 2 ? HWY_DYNAMIC_DISPATCH(output2) : HWY_DYNAMIC_DISPATCH(output4);
    output(in, steps, tiles, bias, out);
}

}  // namespace conv
#endif  // HWY_ONCE
