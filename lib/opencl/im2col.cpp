#include "opencl/im2col.hpp"

#include "gpu/column_lowering.hpp"
#include "gpu/device_method.hpp"
#include "opencl/opencl_gemm.hpp"

namespace conv {
namespace {

struct Im2col {
    std::shared_ptr<OpenclDevice> device;
    gpu::StripLayout input;
    gpu::ResultLayout results;
    cl::Buffer weights, bias;

    std::int64_t window() const { return input.channels * input.problem.R * input.problem.S; }
    void queue(const OpenclStage& stage) const {
        queue_clear(stage, results);
        for (std::int64_t g = 0; g < input.problem.groups; ++g) {
            queue_columns(stage, g);
            for (const auto& product : column_products(input, results, g, stage.rows)) {
                queue_product(*device, stage, weights, stage.scratch, product);
            }
        }
        queue_add_bias(*device, stage, results, bias, input.problem.K);
    }

private:
    void queue_columns(const OpenclStage& stage, std::int64_t group) const {
        cl::Kernel kernel = device->kernel("im2col_" + opencl_sample(stage.type));
        kernel.setArg(0, stage.input);
        kernel.setArg(1, static_cast<cl_int>(group * input.group()));
        kernel.setArg(2, stage.scratch);
        kernel.setArg(3, gpu::device_strip(input, results, stage.rows));
        queue_rows(stage.queue, kernel, results.line, stage.rows, window());
    }
};

gpu::StripMaker upload_for_im2col(const std::shared_ptr<OpenclDevice>& device, const Problem& p,
                                  const Weights& weights) {
    cl::Buffer w = device->upload(weights.values.data(), p.weight_count());
    cl::Buffer b = device->upload(gpu::full_bias(p, weights).data(), p.K);
    return [=](std::int64_t rows) {
        Im2col im2col{device, {p, rows}, gpu::planar_results(p, rows), w, b};
        return opencl_work(device, im2col.input, im2col.results,
                           {.compute = [im2col](const OpenclStage& stage) { im2col.queue(stage); },
                            .scratch_bytes = rows * gpu::column_bytes_per_row(p)});
    };
}

}  // namespace

Method opencl_im2col_method(const std::shared_ptr<OpenclDevice>& device) {
    return gpu::make_method(gpu::kIm2col, device->traits(),
                            [device](const Problem& p, const Weights& weights) {
                                return upload_for_im2col(device, p, weights);
                            });
}

}  // namespace conv
