#include "opencl/gemm.hpp"

#include "gpu/device_method.hpp"
#include "opencl/opencl_gemm.hpp"

namespace conv {
namespace {

Plan prepare(const std::shared_ptr<OpenclDevice>& device, const Problem& p,
             const Weights& weights) {
    const gpu::RowLowering lowering(p);
    const auto blocks = gpu::toeplitz_blocks(p, lowering, weights.values);
    const cl::Buffer a = device->upload(blocks.data(), static_cast<std::int64_t>(blocks.size()));
    const cl::Buffer bias = device->upload(gpu::full_bias(p, weights).data(), p.K);
    const std::int64_t rows = gpu::strip_rows(p, 0, lowering.unit(), device->strip_bytes());
    return gpu::strip_plan(p, rows, lowering.unit(), [=](std::int64_t strip) {
        const gpu::StripLayout input(p, strip);
        const gpu::ResultLayout results = gpu::chained_results(p, strip, lowering.chain);
        gpu::StripWork work = opencl_work(device, input, results, 0, [=](const OpenclStage& stage) {
            queue_fill_bias(*device, stage, results, bias, p.K);
            for (const auto& product : row_products(input, results, lowering, stage.rows)) {
                queue_product(*device, stage, a, stage.input, product);
            }
        });
        work.float_only = true;
        return work;
    });
}

}  // namespace

Method opencl_gemm_method(std::shared_ptr<OpenclDevice> device) {
    return gpu::make_method(
        {.name = "gemm",
         .summary = "products by CLBlast on the strip as it lies, the kernel as a Toeplitz block",
         .work = gpu::gemm_work,
         .rates = device->rates(),
         .prepare = [device](const Problem& p, const Weights& w) {
             return prepare(device, p, w);
         }});
}

}  // namespace conv
