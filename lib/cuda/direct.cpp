#include "cuda/direct.hpp"

#include "cuda/cuda_slot.hpp"

namespace conv {
namespace {

gpu::StripMaker upload(const CudaDevice& device, const Problem& p, const Weights& weights) {
    const std::int64_t together = gpu::maps_together(p);
    const auto banked = gpu::banked_weights(p, weights, together);
    const auto w = device.upload(banked.data(), static_cast<std::int64_t>(banked.size()));
    const auto bias = device.upload(gpu::full_bias(p, weights).data(), p.K);
    return [=](std::int64_t rows) {
        const gpu::StripLayout input(p, rows);
        const gpu::ResultLayout results = gpu::planar_results(p, rows);
        return cuda_work(device, input, results, {}, [=](const CudaStage& stage) {
            device.check(
                cuda::queue_direct(
                    stage.stream, stage.type,
                    {stage.input, w.get(), bias.get(), stage.results, static_cast<int>(together)},
                    gpu::device_strip(input, results, stage.rows), static_cast<int>(p.K)),
                "starting direct");
        });
    };
}

}  // namespace

Method cuda_direct_method(const CudaDevice& device) {
    return gpu::make_method(
        gpu::kDirect, device.traits(),
        [device](const Problem& p, const Weights& weights) { return upload(device, p, weights); });
}

}  // namespace conv
