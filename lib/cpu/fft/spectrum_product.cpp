#include "cpu/fft/spectrum_product.hpp"

#include "cpu/tile/lanes.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/fft/spectrum_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void multiply(const SpectrumProduct& product, float* sum) {
    const auto [x, x_step] = product.x;
    const auto [w, w_step] = product.w;
    const std::int64_t C = product.C, count = product.count;
    using Tag = HWY_CAPPED(float, kLanes);
    using V = hn::Vec<Tag>;
    const Tag tag;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
    for (std::int64_t i = 0; i < count; i += lanes) {
        V re = hn::Zero(tag), im = hn::Zero(tag);
        for (std::int64_t c = 0; c < C; ++c) {
            V x_re, x_im;
            hn::LoadInterleaved2(tag, x + c * x_step + 2 * i, x_re, x_im);
            const V w_re = hn::LoadU(tag, w + c * w_step + i);
            const V w_im = hn::LoadU(tag, w + c * w_step + count + i);
            re = hn::NegMulAdd(x_im, w_im, hn::MulAdd(x_re, w_re, re));
            im = hn::MulAdd(x_im, w_re, hn::MulAdd(x_re, w_im, im));
        }
        hn::StoreInterleaved2(re, im, tag, sum + 2 * i);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(multiply);

void multiply_spectra(const SpectrumProduct& product, float* sum) {
    HWY_DYNAMIC_DISPATCH(multiply)(product, sum);
}

void split_conjugate(const float* from, std::int64_t count, float scale, float* to) {
    for (std::int64_t i = 0; i < count; ++i) {
        to[i] = scale * from[2 * i];
        to[count + i] = -scale * from[2 * i + 1];
    }
}

}  // namespace conv
#endif  // HWY_ONCE
