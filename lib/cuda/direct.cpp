#include "cuda/direct.hpp"

namespace conv {
namespace {

gpu::StripMaker upload_for_direct(const CudaDevice& device, const Problem& p,
                                  const Weights& weights) {
    const auto sums = cuda_direct_sums(device, p, weights);
    return [=](std::int64_t rows) {
        return cuda_work(device, {p, rows}, gpu::planar_results(p, rows), {.compute = sums(rows)});
    };
}

}  // namespace

std::function<CudaCompute(std::int64_t rows)> cuda_direct_sums(const CudaDevice& device,
                                                               const Problem& p,
                                                               const Weights& weights) {
    const std::int64_t together = gpu::maps_together(p);
    const auto banked = gpu::banked_weights(p, weights, together);
    const auto w = device.upload(banked.data(), static_cast<std::int64_t>(banked.size()));
    const auto bias = device.upload(gpu::full_bias(p, weights).data(), p.K);
    return [=](std::int64_t rows) -> CudaCompute {
        const gpu::StripLayout input(p, rows);
        const gpu::ResultLayout results = gpu::planar_results(p, rows);
        return [=](const CudaStage& stage) {
            device.check(
                cuda::queue_direct(
                    stage.stream, stage.type,
                    {stage.input, w.get(), bias.get(), stage.results, static_cast<int>(together)},
                    gpu::device_strip(input, results, stage.rows), static_cast<int>(p.K)),
                "starting direct");
        };
    };
}

Method cuda_direct_method(const CudaDevice& device) {
    return gpu::make_method(gpu::kDirect, device.traits(),
                            [device](const Problem& p, const Weights& weights) {
                                return upload_for_direct(device, p, weights);
                            });
}

}  // namespace conv
