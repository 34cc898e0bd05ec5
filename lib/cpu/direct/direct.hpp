#pragma once

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// The direct sum with SIMD: blocks of outputs stay in registers while the whole window is added
/// up, so that each input vector is loaded once for several output rows, and no multiplication is
/// wasted on zeros.
///
/// Works on tiles of padded lines as gemm does (cpu/padded_tile.hpp), or in place where the source
/// is float32, the tile touches no border and few enough rows are read at once. Any problem:
/// columns are split into stride_w phases, rows into chains of outputs dilation_h apart;
/// stride_h > 1 computes one row at a time. Interleaved pictures are one longer line.
///
/// Workspace: one tile, about 1 MiB, whatever the picture. NaN and Inf reach their own windows
/// only. Error: sums of up to 144 products in float32, larger windows in parts that are added in
/// double precision (cpu/tile/direct_rows.hpp).
Method direct_method(const MachineProfile& profile);

}  // namespace conv
