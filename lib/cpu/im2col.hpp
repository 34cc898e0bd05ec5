#pragma once

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// The textbook lowering. For each picture and group the whole input is unrolled into the column
/// matrix, (C/G*R*S) x (P*Q),
///   columns[(c,r,s), (p,q)] = padded src[c, p*stride_h + r*dilation_h, q*stride_w + s*dilation_w]
/// and one sgemm gives the result, K/G x (P*Q) = weights * columns (Chellapilla et al. 2006,
/// "High Performance Convolutional Neural Networks for Document Processing", section 3.1).
/// Workspace: C/G*R*S*P*Q floats, R*S times the picture, in one piece: it is not cut into strips,
/// so that what the lowering costs can be seen. Its one block runs on one thread. 1x1 kernels skip
/// the lowering. NaN and Inf spread to exactly the windows that hold them.
Method im2col_method(const MachineProfile& profile);

}  // namespace conv
