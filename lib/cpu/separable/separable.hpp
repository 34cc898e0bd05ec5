#pragma once

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// Kernels that are a product of a column and a row, or a short sum of such products
/// (cpu/low_rank.hpp): for each channel c and term i of a map
///   middle[c,i] = columns[c,i] over the rows of src,  dst = sum over c, i of rows[c,i] over middle
/// which takes rank * (R + S) multiplications an output in place of R*S. Both passes run on pieces
/// of a few rows, so that the middle never leaves the first-level cache. The column pass reads the
/// source itself, of any type, and columns outside it are copied from the middle; strides along a
/// row, weighted alpha and constant rows outside the picture go through a padded tile. 8-bit
/// results of 8-bit sources are rounded by the row pass (Plan::run_u8).
///
/// Any stride, dilation, grouping and border; a kernel whose rank makes two passes cost more than
/// one is rejected with that reason. NaN and Inf reach exactly their windows: no factor is skipped,
/// and 0 * NaN is NaN.
///
/// Workspace: one tile, about 1 MiB, and for each term of a map a piece of 6 rows. Error: W = sum
/// of |kernel| and M = max |src|, the factors are off by at most 2 eps W M in all
/// (kLowRankTolerance), and two chained float32 sums of products are within the bound of the direct
/// sum for weights of magnitude A * W, A = LowRank::magnitude / W (1 for rank 1). The error factor
/// is A + 1: the first for the sums, the second for the factors, 2 eps W M <= eps n W M for any
/// window of n >= 2.
Method separable_method(const MachineProfile& profile);

}  // namespace conv
