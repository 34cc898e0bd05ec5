#pragma once

#include "base/aligned_buffer.hpp"
#include "conv/method.hpp"
#include "cpu/winograd/tiling.hpp"

namespace conv {

/// The transformed kernels in the order of their use,
///   [group][panel][i * t + j][channel][map of the panel] = (G w G^T)[i][j],
/// zero for the maps that fill up the last panel.
AlignedBuffer<float> winograd_weights(const Problem& p, const WinogradTiling& t,
                                      std::span<const float> weights);

/// The biases, [group][map], zero where there are none.
AlignedBuffer<float> winograd_bias(const Problem& p, const WinogradTiling& t,
                                   std::span<const float> bias);

}  // namespace conv
