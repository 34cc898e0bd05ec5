#include "cuda/cuda_gemm.hpp"

#include "cuda/cublas.hpp"

namespace conv {

Method cuda_product_method(const gpu::MethodKind& kind, const CudaDevice& device,
                           const CudaUpload& upload) {
    Method method = gpu::make_method(kind, device.traits(),
                                     [device, upload](const Problem& p, const Weights& weights) {
                                         return upload(device, p, weights);
                                     });
    method.offer = [offer = method.offer](const Problem& p, const Weights& weights) {
        return cublas().missing.empty() ? offer(p, weights) : refuse(cublas().missing);
    };
    return method;
}

void queue_product(const CudaDevice& device, const CudaStage& stage, const float* a, const float* b,
                   const gpu::BatchedProduct& x) {
    const auto size = [](std::int64_t value) { return static_cast<int>(value); };
    const float one = 1.0F;
    // cuBLAS is column-major: our row-major C = A B is its C' = B' A'.
    const cublasStatus_t status =
        x.batch == 1 ? cublas().sgemm(stage.blas, CUBLAS_OP_N, CUBLAS_OP_N, size(x.n), size(x.m),
                                      size(x.k), &one, b + x.b, size(x.ldb), a + x.a, size(x.lda),
                                      &one, stage.results + x.c, size(x.ldc))
                     : cublas().sgemm_strided_batched(
                           stage.blas, CUBLAS_OP_N, CUBLAS_OP_N, size(x.n), size(x.m), size(x.k),
                           &one, b + x.b, size(x.ldb), x.b_step, a + x.a, size(x.lda), 0, &one,
                           stage.results + x.c, size(x.ldc), x.c_step, size(x.batch));
    device.check(status, "a product of cuBLAS");
}

}  // namespace conv
