#include <cblas.h>

#include <cassert>

#include <vector>

#include "gemm/openblas.hpp"

// Not in cblas.h, but in every OpenBLAS: what its own calls take their buffers from.
extern "C" void* blas_memory_alloc(int unused);
extern "C" void blas_memory_free(void* buffer);

namespace conv {
namespace {

/// This project's own threads split the work; OpenBLAS's would compete with them.
void use_one_thread() {
    static const bool done = (openblas_set_num_threads(1), true);
    static_cast<void>(done);
}

template <typename T>
CBLAS_TRANSPOSE transposition(const MatrixView<T>& m) {
    return m.column_stride == 1 ? CblasNoTrans : CblasTrans;
}

/// The distance between the lines that are contiguous in memory. BLAS wants it to be at least
/// their length even where there is only one line and the stride means nothing.
template <typename T>
blasint leading_dimension(const MatrixView<T>& m) {
    const bool row_major = m.column_stride == 1;
    const std::int64_t length = row_major ? m.columns : m.rows;
    const std::int64_t lines = row_major ? m.rows : m.columns;
    const std::int64_t stride = row_major ? m.row_stride : m.column_stride;
    assert(row_major || m.row_stride == 1);
    assert(lines <= 1 || stride >= length);
    return static_cast<blasint>(lines <= 1 || stride < length ? length : stride);
}

void multiply(MatrixView<const float> a, MatrixView<const float> b, float beta,
              MatrixView<float> c) {
    use_one_thread();
    assert(a.rows == c.rows && b.columns == c.columns && a.columns == b.rows);
    assert(c.column_stride == 1);
    assert(c.rows <= kSgemmMaxSize && c.columns <= kSgemmMaxSize && a.columns <= kSgemmMaxSize);
    cblas_sgemm(CblasRowMajor, transposition(a), transposition(b), static_cast<blasint>(c.rows),
                static_cast<blasint>(c.columns), static_cast<blasint>(a.columns), 1.0F, a.data,
                leading_dimension(a), b.data, leading_dimension(b), beta, c.data,
                leading_dimension(c));
}

std::string core_name() {
    return openblas_get_corename();
}

std::string configuration() {
    return openblas_get_config();
}

void make_buffers(int count) {
    std::vector<void*> buffers;
    buffers.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) buffers.push_back(blas_memory_alloc(0));
    for (void* buffer : buffers) blas_memory_free(buffer);
}

}  // namespace

const Openblas& openblas_calls() {
    static constexpr Openblas kCalls = {multiply, core_name, configuration, make_buffers};
    return kCalls;
}

}  // namespace conv
