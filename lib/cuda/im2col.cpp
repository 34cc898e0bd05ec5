#include "cuda/im2col.hpp"

#include "cuda/cuda_gemm.hpp"
#include "gpu/column_lowering.hpp"

namespace conv {
namespace {

gpu::StripMaker upload_for_im2col(const CudaDevice& device, const Problem& p,
                                  const Weights& weights) {
    const auto w = device.upload(weights.values.data(), p.weight_count());
    const auto bias = device.upload(gpu::full_bias(p, weights).data(), p.K);
    return [=](std::int64_t rows) {
        const gpu::StripLayout input(p, rows);
        const gpu::ResultLayout results = gpu::planar_results(p, rows);
        const auto compute = [=](const CudaStage& stage) {
            device.check(cudaMemsetAsync(stage.results, 0,
                                         static_cast<std::size_t>(results.size) * sizeof(float),
                                         stage.stream),
                         "starting im2col");
            for (std::int64_t g = 0; g < p.groups; ++g) {
                device.check(cuda::queue_im2col(stage.stream, stage.type, stage.input,
                                                static_cast<int>(g * input.group()), stage.scratch,
                                                gpu::device_strip(input, results, stage.rows)),
                             "starting im2col");
                for (const auto& product : column_products(input, results, g, stage.rows)) {
                    queue_product(device, stage, w.get(), stage.scratch, product);
                }
            }
            device.check(cuda::queue_add_bias(stage.stream, stage.results, bias.get(),
                                              gpu::device_results(results, stage.rows),
                                              static_cast<int>(p.K)),
                         "finishing im2col");
        };
        return cuda_work(device, input, results,
                         {.compute = compute,
                          .scratch_bytes = rows * gpu::column_bytes_per_row(p),
                          .blas = true});
    };
}

}  // namespace

Method cuda_im2col_method(const CudaDevice& device) {
    return cuda_product_method(gpu::kIm2col, device, upload_for_im2col);
}

}  // namespace conv
