#pragma once

#include <cstdint>
#include <string>

#include "conv/machine_profile.hpp"
#include "cpu/tile/core_family.hpp"

namespace conv {

/// What a built-in profile is chosen by.
struct CoreTraits {
    CoreFamily family = CoreFamily::other;
    std::int64_t lanes = 4;       ///< floats of a vector, vector_lanes()
    std::int64_t blas_lanes = 4;  ///< of the vectors of the core whose sgemm OpenBLAS uses
};

/// Those of this processor, with the instruction set that its vector code uses and the core that
/// OpenBLAS uses or will use, which is not loaded for it.
CoreTraits this_core();

/// The profile for such processors: that of the family, narrower where it is held to narrower
/// vectors; for families that are not known, that of a core with the same vectors.
MachineProfile builtin_profile(const CoreTraits& core = this_core());

/// What a measured profile is good for: "AVX3_SPR vectors, OpenBLAS core SkylakeX".
std::string profile_code_paths();

}  // namespace conv
