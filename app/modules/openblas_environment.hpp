#pragma once

#include <string>

namespace conv {

/// The core whose kernels OpenBLAS is to use: OPENBLAS_CORETYPE where that is set, else the best
/// for this processor's instructions; empty where OpenBLAS shall choose. Left to itself it takes
/// SSE kernels on every processor that is newer than its list.
std::string openblas_core_wanted();

/// Tells OpenBLAS by its variables, before whatever brings it is loaded: that core, and no threads
/// of its own, which it would start while it is loaded.
void set_openblas_environment();

}  // namespace conv
