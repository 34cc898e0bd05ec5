#pragma once

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// Winograd's minimal filtering for dense 3x3 kernels of many channels (A. Lavin and S. Gray, Fast
/// Algorithms for Convolutional Neural Networks, CVPR 2016): F(m x m, 3 x 3), m = 4, or 2 where the
/// picture is small. For each tile of m x m outputs, with input tile d of t x t, t = m + 2,
///   dst tile = A^T [ sum over channels of (G w G^T) * (B^T d B) ] A      (* element by element)
/// The sums over channels are t*t products of K/groups x C/groups matrices with the transformed
/// input; they take t*t / (9 m*m) of the direct sum's arithmetic: 1/4, or 4/9 for m = 2. They are
/// computed here, not by sgemm: the operands already lie as a register-blocked product wants them,
/// and layers of a few tiles are too narrow for sgemm to pay its repacking of the weights.
///
/// Vectors hold 16 channels on the way in and 16 maps on the way out, never tiles: layers with
/// small pictures have too few of those, layers with many tiles never a multiple. A block of tiles
/// goes through four steps: its padded rows are transposed to channels side by side
/// (winograd_rows), transformed (winograd_transform), multiplied by one panel of maps after the
/// other, the weights lying in the order of use (winograd_product, winograd_weights), and the
/// panel's results are transformed and transposed back while they are in the cache.
///
/// Error: every output keeps the local error; tiles that could break it, or hold NaN or Inf, are
/// summed directly (cpu/winograd/checks.hpp).
///
/// Refuses other kernels, strides and dilations. Workspace: the transformed tiles of a block, a few
/// MiB, and what is known of its pixels.
Method winograd_method(const MachineProfile& profile);

}  // namespace conv
