#pragma once

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// Row lowering: the form of `gemm` for few channels and long rows.
///
/// A tile's padded input is kept line-interleaved, memory order (row, channel, column): there any
/// consecutive rows already are a matrix with one line for each (row, channel), that is, the
/// vertical half of the column matrix without a byte moved. For each horizontal tap s the same
/// matrix is read s columns further on, and
///   block ((T*K) x Q) += A_s ((T*K) x ((T+R-1)*C)) * lines ((T+R-1)*C x Q)
/// where A_s is a banded Toeplitz block of column s of the kernels:
///   A_s[t*K + k, (t + r)*C + c] = weights[k,c,r,s], else 0.
/// One product so gives T output rows; its zeros cost (T+R-1)/R more arithmetic, and m = T*K is
/// large enough for sgemm even for a single kernel. T is what the cost of sgemm makes cheapest, or
/// 1 for a tile that holds NaN or Inf: no zero of A_s ever meets them.
///
/// Strides and dilations keep that form by phases. Columns are split by stride_w: tap s reads phase
/// (s*dilation_w) mod stride_w from column (s*dilation_w) div stride_w. Rows are split by
/// dilation_h: the output rows p = start + t*dilation_h/g, g = gcd(stride_h, dilation_h), read
/// lines of one phase, stride_h/g apart from one t to the next.
Offer row_lowering_offer(const Problem& problem, const Weights& weights,
                         const MachineProfile& profile);

/// T of a problem.
std::int64_t rows_together(const Problem& p);

}  // namespace conv
