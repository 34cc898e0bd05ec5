#pragma once

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// 8- and 16-bit pictures in whole numbers: the Toeplitz block of `gemm` in integers of 8 or 16
/// bits, with a dot product of cells (the samples of two or four rows in one column) in the place
/// of sgemm.
///
/// A kernel whose weights and bias are fractions of one denominator (Weights::whole) is exact: with
/// results f32 the nearest float32 to the rational sum, with results u8 and u16 (Problem::results)
/// that sum rounded half to even. With 16-bit samples the weights of a map may add up to 65535,
/// without their signs. Other kernels are taken for samples and results of 8 bits only, with
/// weights rounded so that no result is 0.02 of a level off (conv/whole_weights.hpp).
///
/// Any stride, dilation, border of whole numbers and groups; samples without alpha weighting.
/// Workspace: one tile, about 1 MiB, whatever the picture. Sources: the row lowering of
/// docs/design.md; Kelefouras & Keramidas, Design and Implementation of 2D Convolution on x86/x64
/// Processors, for the observation that 8-bit dot products pay for small windows.
Method igemm_method(const MachineProfile& profile);

}  // namespace conv
