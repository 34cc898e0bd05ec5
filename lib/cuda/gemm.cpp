#include "cuda/gemm.hpp"

#include "cuda/cuda_gemm.hpp"

namespace conv {
namespace {

gpu::StripMaker upload_for_gemm(const CudaDevice& device, const Problem& p,
                                const Weights& weights) {
    const gpu::RowLowering lowering(p);
    const auto blocks = toeplitz_blocks(p, lowering, weights.values);
    const auto a = device.upload(blocks.data(), static_cast<std::int64_t>(blocks.size()));
    const auto bias = device.upload(gpu::full_bias(p, weights).data(), p.K);
    return [=](std::int64_t rows) {
        const gpu::StripLayout input(p, rows);
        const gpu::ResultLayout results = gpu::chained_results(p, rows, lowering.chain_step);
        const auto compute = [=](const CudaStage& stage) {
            device.check(cudaMemsetAsync(stage.results, 0,
                                         static_cast<std::size_t>(results.size) * sizeof(float),
                                         stage.stream),
                         "starting gemm");
            const gpu::StripRows strip{stage.rows, stage.finite};
            for (const auto& product : row_products(input, results, lowering, strip)) {
                queue_product(device, stage, a.get(), static_cast<const float*>(stage.input),
                              product);
            }
            device.check(cuda::queue_add_bias(stage.stream, stage.results, bias.get(),
                                              gpu::device_results(results, stage.rows),
                                              static_cast<int>(p.K)),
                         "finishing gemm");
        };
        gpu::StripWork work = cuda_work(device, input, results, {.compute = compute, .blas = true});
        work.float_only = true;
        return work;
    };
}

}  // namespace

Method cuda_gemm_method(const CudaDevice& device) {
    return cuda_product_method(gpu::kGemm, device, upload_for_gemm);
}

}  // namespace conv
