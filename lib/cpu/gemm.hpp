#pragma once

#include "conv/method.hpp"

namespace conv {

/// Row lowering: sgemm without expanding the picture. The redundancy goes into the kernel, which is
/// small, instead of the picture, which is large.
///
/// The output is computed in tiles. A tile's padded input is kept line-interleaved, memory order
/// (row, channel, column): there any consecutive rows already are a matrix with one line for each
/// (row, channel), that is, the vertical half of the column matrix without a byte moved. For each
/// horizontal tap s the same matrix is read s columns further on, and
///   block ((T*K) x Q) += A_s ((T*K) x ((T+R-1)*C)) * lines ((T+R-1)*C x Q)
/// where A_s is a banded Toeplitz block of column s of the kernels:
///   A_s[t*K + k, (t + r)*C + c] = weights[k,c,r,s], else 0.
/// One sgemm so gives T output rows; its zeros cost (T+R-1)/R more arithmetic, and m = T*K is large
/// enough for sgemm even for a single kernel.
///
/// Strides and dilations keep that form by phases. Columns are split by stride_w: tap s reads phase
/// (s*dilation_w) mod stride_w from column (s*dilation_w) div stride_w. Rows are split by
/// dilation_h: the output rows p = start + t*dilation_h/g, g = gcd(stride_h, dilation_h), read
/// lines of one phase, stride_h/g apart from one t to the next. Groups are computed one after the
/// other. Interleaved pictures (a 2-D kernel on the channels of one picture) are one line of N*W
/// samples.
///
/// Workspace: one tile, about 1 MiB, whatever the picture. 1x1 kernels skip the lowering. Where the
/// source holds NaN or Inf, T is 1: no zero of A_s ever meets them. Error: that of a float32 sum of
/// C/groups*R*S products (the zeros are exact).
Method gemm_method();

}  // namespace conv
