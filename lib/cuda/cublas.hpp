#pragma once

#include <cublas_v2.h>

#include <string>

namespace conv {

/// The functions of cuBLAS that the products need, from a library that is opened when they are
/// first asked for: it is many times as large as everything else, and `direct` does without.
struct Cublas {
    std::string missing;  ///< why it cannot be used; then the functions are null

    decltype(&cublasCreate_v2) create = nullptr;
    decltype(&cublasDestroy_v2) destroy = nullptr;
    decltype(&cublasSetStream_v2) set_stream = nullptr;
    decltype(&cublasSetMathMode) set_math_mode = nullptr;
    decltype(&cublasSgemm_v2) sgemm = nullptr;
    decltype(&cublasSgemmStridedBatched) sgemm_strided_batched = nullptr;
    decltype(&cublasGetStatusString) status_string = nullptr;
};

/// libcublas of the toolkit's major version, wherever the loader finds it: the toolkit's folder, in
/// a relocatable tree its lib folder, LD_LIBRARY_PATH, the system's. Opened once, never closed.
/// Thread-safe.
const Cublas& cublas();

}  // namespace conv
