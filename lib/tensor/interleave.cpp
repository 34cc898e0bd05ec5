#include "tensor/interleave.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/interleave.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using V = hn::Vec<Tag>;

void deinterleave_rows(const float* row, std::int64_t N, std::int64_t count, float* to,
                       std::int64_t step) {
    const Tag tag;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
    std::int64_t w = 0;
    for (; N >= 2 && N <= 4 && w + lanes <= count; w += lanes) {
        V a, b, c, d;
        if (N == 2) {
            hn::LoadInterleaved2(tag, row + 2 * w, a, b);
        } else if (N == 3) {
            hn::LoadInterleaved3(tag, row + 3 * w, a, b, c);
        } else {
            hn::LoadInterleaved4(tag, row + 4 * w, a, b, c, d);
        }
        hn::StoreU(a, tag, to + w);
        hn::StoreU(b, tag, to + step + w);
        if (N > 2) hn::StoreU(c, tag, to + 2 * step + w);
        if (N > 3) hn::StoreU(d, tag, to + 3 * step + w);
    }
    for (; w < count; ++w) {
        for (std::int64_t n = 0; n < N; ++n) to[n * step + w] = row[w * N + n];
    }
}

void interleave_rows(const Planes& planes, float bias, float* row) {
    const float* const from = planes.first;
    const std::int64_t step = planes.step, N = planes.N, count = planes.count;
    const Tag tag;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
    const V add = hn::Set(tag, bias);
    const auto load = [&](std::int64_t at)
                          HWY_ATTR { return hn::Add(hn::LoadU(tag, from + at), add); };
    std::int64_t w = 0;
    for (; N <= 4 && w + lanes <= count; w += lanes) {
        if (N == 1) {
            hn::StoreU(load(w), tag, row + w);
        } else if (N == 2) {
            hn::StoreInterleaved2(load(w), load(step + w), tag, row + 2 * w);
        } else if (N == 3) {
            hn::StoreInterleaved3(load(w), load(step + w), load(2 * step + w), tag, row + 3 * w);
        } else {
            hn::StoreInterleaved4(load(w), load(step + w), load(2 * step + w), load(3 * step + w),
                                  tag, row + 4 * w);
        }
    }
    for (; w < count; ++w) {
        for (std::int64_t n = 0; n < N; ++n) row[w * N + n] = from[n * step + w] + bias;
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(deinterleave_rows);
HWY_EXPORT(interleave_rows);

void deinterleave(const float* row, std::int64_t N, std::int64_t count, float* to,
                  std::int64_t to_step) {
    HWY_DYNAMIC_DISPATCH(deinterleave_rows)(row, N, count, to, to_step);
}

void interleave(const Planes& from, float bias, float* row) {
    HWY_DYNAMIC_DISPATCH(interleave_rows)(from, bias, row);
}

}  // namespace conv
#endif  // HWY_ONCE
