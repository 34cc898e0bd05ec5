#include "cuda/cuda_gemm.hpp"

namespace conv {

void queue_product(const CudaDevice& device, const CudaStage& stage, const float* a, const float* b,
                   const gpu::BatchedProduct& x) {
    const auto size = [](std::int64_t value) { return static_cast<int>(value); };
    const float one = 1.0F;
    // cuBLAS is column-major: our row-major C = A B is its C' = B' A'.
    const cublasStatus_t status =
        x.batch == 1 ? cublasSgemm(stage.blas, CUBLAS_OP_N, CUBLAS_OP_N, size(x.n), size(x.m),
                                   size(x.k), &one, b + x.b, size(x.ldb), a + x.a, size(x.lda),
                                   &one, stage.results + x.c, size(x.ldc))
                     : cublasSgemmStridedBatched(
                           stage.blas, CUBLAS_OP_N, CUBLAS_OP_N, size(x.n), size(x.m), size(x.k),
                           &one, b + x.b, size(x.ldb), x.b_step, a + x.a, size(x.lda), 0, &one,
                           stage.results + x.c, size(x.ldc), x.c_step, size(x.batch));
    device.check(status, "a product of cuBLAS");
}

}  // namespace conv
