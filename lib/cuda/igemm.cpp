#include "cuda/igemm.hpp"

#include "cuda/direct.hpp"
#include "gpu/whole_method.hpp"

namespace conv {
namespace {

gpu::StripMaker upload_for_igemm(const CudaDevice& device, const gpu::Digits& digits) {
    const Problem cut = digits.problem;
    Problem whole = cut;
    whole.K = cut.K / digits.count;
    const auto sums = cuda_direct_sums(device, cut, {digits.values, {}});
    const auto bias = device.upload(digits.whole.bias.data(), whole.K);
    const gpu::Quotient quotient = gpu::quotient_of(digits);
    return [=](std::int64_t rows) {
        const gpu::ResultLayout from = gpu::planar_results(cut, rows);
        const gpu::ResultLayout to = gpu::planar_results(whole, rows);
        const auto round = [=](const CudaStage& stage, unsigned char* bytes, int* lost) {
            const cuda::WholeOperands operands{stage.results,
                                               bias.get(),
                                               bytes,
                                               lost,
                                               gpu::device_results(from, stage.rows),
                                               gpu::device_results(to, stage.rows)};
            device.check(cuda::queue_store_whole_bytes(stage.stream, operands, quotient,
                                                       static_cast<int>(whole.Q() * whole.N),
                                                       static_cast<int>(whole.K)),
                         "rounding a strip");
        };
        return cuda_work(device, {whole, rows}, from,
                         {.compute = sums(rows), .round = round, .bytes = to});
    };
}

}  // namespace

Method cuda_igemm_method(const CudaDevice& device) {
    return gpu::make_whole_method(device.traits(), [device](const gpu::Digits& digits) {
        return upload_for_igemm(device, digits);
    });
}

}  // namespace conv
