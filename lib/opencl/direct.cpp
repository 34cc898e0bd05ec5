#include "opencl/direct.hpp"

#include <fmt/format.h>

#include "base/size.hpp"
#include "gpu/device_method.hpp"
#include "opencl/opencl_slot.hpp"

namespace conv {
namespace {

// As in direct.cl.
constexpr std::int64_t kTileColumns = 64, kTileItems = 4, kRows = 4;
constexpr std::int64_t kPlaneX = 32, kPlaneY = 8;

std::int64_t tile_bytes(const Problem& p) {
    const std::int64_t width = kTileColumns + (p.S - 1) * p.dilation_w * p.N;
    const std::int64_t height = kTileItems * kRows + p.R - 1;
    return width * height * static_cast<std::int64_t>(sizeof(float));
}

bool dense(const Problem& p) {
    return p.stride_h == 1 && p.stride_w == 1 && p.dilation_h == 1;
}

bool tiles(const Problem& p, const OpenclDevice& device) {
    return dense(p) && tile_bytes(p) <= device.local_memory_bytes();
}

/// One map and a window that direct.cl has a device kernel for.
bool small_plane(const Problem& p) {
    const std::int64_t step = p.N * p.dilation_w;
    return dense(p) && p.group_kernels() == 1 && p.R == p.S && (p.R == 3 || p.R == 5 || p.R == 7) &&
           (step == 1 || step == 3);
}

cl::NDRange range(std::int64_t x, std::int64_t y, std::int64_t z) {
    return {static_cast<std::size_t>(x), static_cast<std::size_t>(y), static_cast<std::size_t>(z)};
}

/// The method's buffers and layouts, and how it is queued.
struct Direct {
    std::shared_ptr<OpenclDevice> device;
    gpu::StripLayout input;
    gpu::ResultLayout results;
    cl::Buffer weights, bias;
    std::int64_t together;  ///< maps of a block of weights

    void queue_any(const OpenclStage& stage) const {
        const gpu::DeviceStrip strip = gpu::device_strip(input, results, stage.rows);
        cl::Kernel kernel = device->kernel("direct_any_" + opencl_sample(stage.type));
        set_operands(kernel, stage);
        kernel.setArg(4, strip);
        kernel.setArg(5, static_cast<cl_int>(together));
        queue_rows(stage.queue, kernel, strip.columns, stage.rows, input.problem.K);
    }
    void queue_plane(const OpenclStage& stage) const {
        const Problem& p = input.problem;
        const gpu::DeviceStrip strip = gpu::device_strip(input, results, stage.rows);
        cl::Kernel kernel = device->kernel(fmt::format(
            "direct_plane_{}_{}_{}", opencl_sample(stage.type), p.R, p.N * p.dilation_w));
        set_operands(kernel, stage);
        kernel.setArg(4, strip);
        stage.queue.enqueueNDRangeKernel(
            kernel, cl::NullRange,
            range(ceil_div(strip.columns, 4 * kPlaneX) * kPlaneX,
                  ceil_div(stage.rows, kPlaneY * kRows) * kPlaneY, p.K),
            range(kPlaneX, kPlaneY, 1));
    }
    void queue_tiled(const OpenclStage& stage) const {
        const Problem& p = input.problem;
        const gpu::DeviceStrip strip = gpu::device_strip(input, results, stage.rows);
        cl::Kernel kernel = device->kernel("direct_tiled_" + opencl_sample(stage.type) + "_" +
                                           std::to_string(together));
        set_operands(kernel, stage);
        kernel.setArg(4, cl::Local(static_cast<std::size_t>(tile_bytes(p))));
        kernel.setArg(5, strip);
        stage.queue.enqueueNDRangeKernel(
            kernel, cl::NullRange,
            range(round_up(strip.columns, kTileColumns),
                  ceil_div(stage.rows, kTileItems * kRows) * kTileItems,
                  p.groups * ceil_div(results.maps, together)),
            range(kTileColumns, kTileItems, 1));
    }

private:
    void set_operands(cl::Kernel& kernel, const OpenclStage& stage) const {
        kernel.setArg(0, stage.input);
        kernel.setArg(1, weights);
        kernel.setArg(2, bias);
        kernel.setArg(3, stage.results);
    }
};

gpu::StripMaker upload_for_direct(const std::shared_ptr<OpenclDevice>& device, const Problem& p,
                                  const Weights& weights) {
    const auto sums = opencl_direct_sums(device, p, weights);
    return [=](std::int64_t rows) {
        return opencl_work(device, {p, rows}, gpu::planar_results(p, rows),
                           {.compute = sums(rows)});
    };
}

}  // namespace

std::function<OpenclCompute(std::int64_t rows)> opencl_direct_sums(
    const std::shared_ptr<OpenclDevice>& device, const Problem& p, const Weights& weights) {
    const std::int64_t together = gpu::maps_together(p);
    const auto banked = gpu::banked_weights(p, weights, together);
    cl::Buffer w = device->upload(banked.data(), static_cast<std::int64_t>(banked.size()));
    cl::Buffer b = device->upload(gpu::full_bias(p, weights).data(), p.K);
    const auto queue = small_plane(p)      ? &Direct::queue_plane
                       : tiles(p, *device) ? &Direct::queue_tiled
                                           : &Direct::queue_any;
    return [=](std::int64_t rows) -> OpenclCompute {
        Direct direct{device, {p, rows}, gpu::planar_results(p, rows), w, b, together};
        return [direct, queue](const OpenclStage& stage) { (direct.*queue)(stage); };
    };
}

Method opencl_direct_method(const std::shared_ptr<OpenclDevice>& device) {
    return gpu::make_method(gpu::kDirect, device->traits(),
                            [device](const Problem& p, const Weights& weights) {
                                return upload_for_direct(device, p, weights);
                            });
}

}  // namespace conv
