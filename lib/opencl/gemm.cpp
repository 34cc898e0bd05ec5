#include "opencl/gemm.hpp"

#include "gpu/device_method.hpp"
#include "opencl/opencl_gemm.hpp"

namespace conv {
namespace {

gpu::StripMaker upload_for_gemm(const std::shared_ptr<OpenclDevice>& device, const Problem& p,
                                const Weights& weights) {
    const gpu::RowLowering lowering(p);
    const auto blocks = toeplitz_blocks(p, lowering, weights.values);
    cl::Buffer a = device->upload(blocks.data(), static_cast<std::int64_t>(blocks.size()));
    cl::Buffer bias = device->upload(gpu::full_bias(p, weights).data(), p.K);
    return [=](std::int64_t rows) {
        const gpu::StripLayout input(p, rows);
        const gpu::ResultLayout results = gpu::chained_results(p, rows, lowering.chain_step);
        const auto compute = [=](const OpenclStage& stage) {
            queue_clear(stage, results);
            for (const auto& product :
                 row_products(input, results, lowering, {stage.rows, stage.finite})) {
                queue_product(*device, stage, a, stage.input, product);
            }
            queue_add_bias(*device, stage, results, bias, p.K);
        };
        gpu::StripWork work = opencl_work(device, input, results, {.compute = compute});
        work.float_only = true;
        return work;
    };
}

}  // namespace

Method opencl_gemm_method(const std::shared_ptr<OpenclDevice>& device) {
    return gpu::make_method(gpu::kGemm, device->traits(),
                            [device](const Problem& p, const Weights& weights) {
                                return upload_for_gemm(device, p, weights);
                            });
}

}  // namespace conv
