#pragma once

#include <span>

#include "tensor/view.hpp"

namespace conv {

/// dst[n,k,p,q] += bias[k]; nothing when bias is empty. The pictures of dst are interleaved as in
/// Plan::run.
void add_bias(std::span<const float> bias, TensorView<float> dst);

}  // namespace conv
