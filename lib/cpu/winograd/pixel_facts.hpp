#pragma once

#include <cstdint>

namespace conv {

/// What is known of the samples of each pixel, over the channels seen so far: the sum of x*x, which
/// NaN and infinities spoil, and how many |x| are below a threshold.
struct PixelFacts {
    float *squares, *small;
};

/// Adds kLanes channels of `pixels` pixels, as they lie for winograd_input, to kLanes numbers a
/// pixel. NaN counts as small. The instruction set is chosen at run time.
void winograd_gather(const float* samples, std::int64_t pixels, float threshold,
                     const PixelFacts& facts);

/// Sums over the lanes in place: number i * kLanes and those that follow become number i.
void winograd_reduce(std::int64_t pixels, const PixelFacts& facts);

}  // namespace conv
