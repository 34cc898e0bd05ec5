#include "cpu/winograd/pixel_facts.hpp"

#include <cmath>

#include "cpu/tile/lanes.hpp"

// This file is compiled once for each instruction set; the best one is chosen at run time. The
// compiler vectorises these loops well by itself.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/winograd/pixel_facts.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

void gather(const float* HWY_RESTRICT samples, std::int64_t count, float threshold,
            float* HWY_RESTRICT squares, float* HWY_RESTRICT small) {
    for (std::int64_t i = 0; i < count; ++i) {
        squares[i] += samples[i] * samples[i];
        small[i] += std::abs(samples[i]) >= threshold ? 0.0F : 1.0F;
    }
}

void reduce(std::int64_t pixels, float* squares, float* small) {
    for (std::int64_t i = 0; i < pixels; ++i) {
        float square = 0, count = 0;
        for (std::int64_t c = i * kLanes; c < (i + 1) * kLanes; ++c) {
            square += squares[c];
            count += small[c];
        }
        squares[i] = square;
        small[i] = count;
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(gather);
HWY_EXPORT(reduce);

void winograd_gather(const float* samples, std::int64_t pixels, float threshold,
                     const PixelFacts& facts) {
    HWY_DYNAMIC_DISPATCH(gather)
    (samples, pixels * kLanes, threshold, facts.squares, facts.small);
}

void winograd_reduce(std::int64_t pixels, const PixelFacts& facts) {
    HWY_DYNAMIC_DISPATCH(reduce)(pixels, facts.squares, facts.small);
}

}  // namespace conv
#endif  // HWY_ONCE
