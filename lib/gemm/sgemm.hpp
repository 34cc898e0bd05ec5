#pragma once

#include <cstdint>
#include <string>

namespace conv {

/// Non-owning rows x columns matrix; one of its two strides is 1 (row-major or column-major).
template <typename T>
struct MatrixView {
    T* data = nullptr;
    std::int64_t rows = 0, columns = 0;
    std::int64_t row_stride = 0, column_stride = 1;
};

/// c = a * b + beta * c in float32, with OpenBLAS on the calling thread alone.
///
/// a is m x k, b is k x n, c is m x n with column_stride 1; c overlaps neither. beta 0 overwrites
/// c, whatever it held. Sizes must fit 32 bits (OpenBLAS's own index type in Debian). Thread-safe.
/// The first call sets OpenBLAS to one thread, for the whole process: callers have threads of their
/// own.
/// Errors as openblas() in gemm/openblas.hpp.
void sgemm(MatrixView<const float> a, MatrixView<const float> b, float beta, MatrixView<float> c);

/// Columns that one call may have at most; wider products are split by the caller.
inline constexpr std::int64_t kSgemmMaxSize = (std::int64_t{1} << 31) - 1;

/// The kernels OpenBLAS has chosen for this CPU, such as "SkylakeX" or "Haswell". Loads OpenBLAS.
std::string openblas_core_name();

/// The same where a product has loaded OpenBLAS; empty where none was needed.
std::string loaded_openblas_core();

/// OpenBLAS's version and build options in one line. Loads OpenBLAS.
std::string openblas_configuration();

}  // namespace conv
