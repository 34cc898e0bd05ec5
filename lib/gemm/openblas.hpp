#pragma once

#include <cstdint>
#include <string>

#include "gemm/sgemm.hpp"

namespace conv {

/// What the library calls of OpenBLAS. A program has it linked (openblas_linked.cpp) or opens it as
/// a module when the first product is met; docs/decisions/0003 says why.
struct Openblas {
    void (*sgemm)(MatrixView<const float> a, MatrixView<const float> b, float beta,
                  MatrixView<float> c);
    std::string (*core_name)();
    std::string (*configuration)();
    /// Makes the buffers that `count` calls of sgemm at a time work in; else each is made when
    /// it is first needed, and waited for endlessly where there is no address space for it.
    void (*make_buffers)(int count);

    static constexpr std::int64_t kBufferBytes = std::int64_t{128} << 20;  ///< on x86-64
};

/// The functions, from the first call on for good. Throws Error{device} where OpenBLAS cannot be
/// loaded, Error{memory} where it would not find the address space for its buffers. Thread-safe.
const Openblas& openblas();

/// The core whose kernels OpenBLAS uses, or will use, as "SkylakeX", known without loading it;
/// empty where it shall choose by itself. The same answer throughout a process.
const std::string& openblas_core_expected();

/// The functions over the cblas.h of this build; what both ways lead to.
const Openblas& openblas_calls();

}  // namespace conv
