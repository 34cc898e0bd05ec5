#pragma once

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// Row lowering: sgemm without expanding the picture. The redundancy goes into the kernel, which is
/// small, instead of the picture, which is large.
///
/// The output is computed in tiles. A tile's padded input lies so that, without moving a byte, it
/// is a matrix for sgemm; each tap of the kernel reads that matrix a little further on, and the
/// products are added up. Two forms, the one predicted to be faster is taken:
///   cpu/row_lowering.hpp    the lines of several rows as one matrix, for each tap of a row a
///                           banded Toeplitz block: few channels, long rows
///   cpu/plane_lowering.hpp  a line for each channel and phase, a product for each tap or phase of
///                           taps: many channels, short rows, strides
/// Groups are computed one after the other. Interleaved pictures (a 2-D kernel on the channels of
/// one picture) are one line of N*W samples. 1x1 kernels need no lowering.
///
/// Workspace: one tile and its results, a few MiB at most, whatever the picture. NaN and Inf reach
/// their own windows only. Error: that of a float32 sum of C/groups*R*S products (the zeros are
/// exact).
Method gemm_method(const MachineProfile& profile);

}  // namespace conv
