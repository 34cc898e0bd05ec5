#pragma once

#include "conv/method.hpp"

namespace conv {

/// Plan of a 1x1 kernel with stride 1 and no padding (Problem::pointwise), shared by every method
/// that lowers to sgemm: the picture already is the column matrix, so for each group and block
///   dst (K/G x rows*Q) = weights (K/G x C/G) * src (C/G x rows*Q)
/// is one product. A float32 source is read where it lies, planar or pixel-interleaved; other
/// sample types are converted block by block.
Plan prepare_pointwise(const Problem& problem, const Weights& weights);

/// Workspace of that plan, for one thread.
std::int64_t pointwise_workspace_bytes(const Problem& problem);

}  // namespace conv
