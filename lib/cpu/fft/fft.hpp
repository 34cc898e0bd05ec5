#pragma once

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// Convolution by Fourier transforms of overlapping tiles (overlap-save): for each tile of the
/// padded picture
///   dst = inverse(forward(src) * conj(forward(weights))) / (tile size)
/// of which the outputs whose window lies in the tile are kept. The work for an output grows with
/// the logarithm of the tile, not with the kernel.
///
/// Two real tiles travel as the real and the imaginary part of one complex tile: the weights are
/// real, so the result's parts are the two results. That costs what two real transforms cost, and
/// needs no unpacking. Channels are summed, and the maps of a bank fan out, between the transforms,
/// which all maps share. Dilation spreads the weights; strides compute the dense result and keep
/// what is asked for.
///
/// Error: every output keeps the local error. What lies in a tile is mixed, so its samples are
/// looked at first, and outputs that a transform in single precision could not keep are computed in
/// another way (cpu/fft/tile_checks.hpp); windows of zeros give the bias itself, NaN and Inf reach
/// their own windows only.
///
/// Workspace: sheets of one or a few complex tiles, as many as the larger of C/groups and K/groups,
/// or one beside the transforms of all channels where these fit a second-level cache; one block of
/// columns for each channel, and a batch of rows; what the looks take, and a tile in double
/// precision. The plan keeps the weights' spectra, up to 256 MiB, and up to 64 MiB of them in
/// double precision.
Method fft_method(const MachineProfile& profile);

}  // namespace conv
