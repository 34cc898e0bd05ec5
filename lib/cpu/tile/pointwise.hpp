#pragma once

#include "conv/method.hpp"

namespace conv {

/// The offer of a 1x1 kernel with stride 1 and no padding (Problem::pointwise), shared by every
/// method that lowers to sgemm, predicted to take `seconds`: the picture already is the column
/// matrix, so for each group and block
///   dst (K/G x rows*Q) = weights (K/G x C/G) * src (C/G x rows*Q)
/// is one product. A float32 source is read where it lies, planar or pixel-interleaved; other
/// sample types are converted block by block.
Offer pointwise_offer(const Problem& problem, const Weights& weights, double seconds);

}  // namespace conv
