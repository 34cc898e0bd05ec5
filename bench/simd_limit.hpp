#pragma once

#include <string>

namespace conv::bench {

/// Holds this program's own vector code to the instruction set called `name` (avx3, avx2, sse4 ...,
/// in any case) and what is older. Call it before anything is computed. The peers and OpenBLAS have
/// environment variables of their own. Throws Error{usage} that lists what this processor has.
void limit_simd(const std::string& name);

}  // namespace conv::bench
