#pragma once

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
/// Error. Let u = eps/2, T the number of points of a tile and M the largest sample of all pictures
/// of a run. A float32 transform has a relative error, in the 2-norm, of about u*sqrt(log2 T): a
/// pass of radix r adds an independent one of at most u*sqrt(log2 r). Multiplying by a spectrum
/// that is nowhere larger than W_k = sum|w_k|, the three transforms of the picture, the kernel and
/// the result each leave at most this times sqrt(2)*M*W_k as root mean square over a complex tile,
/// whose parts are each up to M. The error spreads evenly over both parts, a factor 1/sqrt(2), and
/// over the tile; the three are independent; of 2^20 samples of such a sum the largest is below 6
/// of its deviations, hence
///   |dst - exact| <= 6 u sqrt(3 log2 T) M W_k = 3 eps sqrt(3 log2 T) M W_k
/// without a factor sqrt(n): error_factor is 3/4 sqrt(3 log2 T) / sqrt(n), and at least 1. It
/// relates to the largest sample of both tiles, not to those in the window: a window of small
/// samples beside very large ones keeps less of its own precision.
///
/// Refuses sources with NaN or Inf, which would spread over whole tiles; sums over a tile of
/// samples beyond about 1e30 may overflow. Workspace: sheets of one or a few complex tiles, as many
/// as the larger of C/groups and K/groups, or one beside the transforms of all channels where these
/// fit a second-level cache; one block of columns for each channel, and a batch of rows. The plan
/// keeps the weights' spectra, up to 256 MiB.
Method fft_method();

}  // namespace conv
