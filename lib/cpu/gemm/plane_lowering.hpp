#pragma once

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// Plane lowering: the form of `gemm` for many channels, short rows and strides.
///
/// A tile is kept as planes, memory order (row phase, column phase, channel, row, column), rows and
/// columns split by the strides. All planes together are a matrix with one long line for each. For
/// tap (r, s) of the kernels it is read a rows and b columns further on,
///   a = (r*dilation_h) div stride_h,  b = (s*dilation_w) div stride_w,
/// in the planes of phase ((r*dilation_h) mod stride_h, (s*dilation_w) mod stride_w). Taps with
/// equal (a, b) are one product:
///   results (K x (rows*pitch)) += A_ab (K x planes) * planes, read at (a, b)
/// Without strides that is one product of depth C for each tap, with no zeros; with strides taps
/// that a kernel lacks are zeros of A_ab. The output rows of a tile are one long row
/// (cpu/flat_tiling.hpp).
Offer plane_lowering_offer(const Problem& problem, const Weights& weights,
                           const MachineProfile& profile);

}  // namespace conv
