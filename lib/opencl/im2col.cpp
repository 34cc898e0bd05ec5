#include "opencl/im2col.hpp"

#include "gpu/device_method.hpp"
#include "opencl/opencl_gemm.hpp"

namespace conv {
namespace {

constexpr std::int64_t kFloat = sizeof(float);

struct Im2col {
    std::shared_ptr<OpenclDevice> device;
    gpu::StripLayout input;
    gpu::ResultLayout results;
    cl::Buffer weights, bias;

    std::int64_t window() const { return input.channels * input.problem.R * input.problem.S; }
    void queue(const OpenclStage& stage) const {
        queue_fill_bias(*device, stage, results, bias, input.problem.K);
        for (std::int64_t g = 0; g < input.problem.groups; ++g) {
            queue_columns(stage, g);
            // All maps of the group at once; rows of results touch, so the strip is one product.
            const std::int64_t n = stage.rows * results.line;
            queue_product(*device, stage, weights, stage.scratch,
                          {.m = results.maps,
                           .n = n,
                           .k = window(),
                           .batch = 1,
                           .a = g * results.maps * window(),
                           .lda = window(),
                           .b = 0,
                           .ldb = n,
                           .b_step = 0,
                           .c = g * results.group_step,
                           .ldc = results.map_step,
                           .c_step = 0});
        }
    }

private:
    void queue_columns(const OpenclStage& stage, std::int64_t group) const {
        cl::Kernel kernel = device->kernel("im2col_" + opencl_sample(stage.type));
        kernel.setArg(0, stage.input);
        kernel.setArg(1, static_cast<cl_int>(group * input.group()));
        kernel.setArg(2, stage.scratch);
        kernel.setArg(3, OpenclStrip(input, results, stage.rows));
        queue_rows(stage.queue, kernel, results.line, stage.rows, window());
    }
};

Plan prepare(const std::shared_ptr<OpenclDevice>& device, const Problem& p,
             const Weights& weights) {
    const cl::Buffer w = device->upload(weights.values.data(), p.weight_count());
    const cl::Buffer b = device->upload(gpu::full_bias(p, weights).data(), p.K);
    const std::int64_t columns_per_row =
        p.group_channels() * p.R * p.S * gpu::planar_results(p, 1).line * kFloat;
    const std::int64_t rows = gpu::strip_rows(p, columns_per_row, 1, device->strip_bytes());
    return gpu::strip_plan(p, rows, 1, [=](std::int64_t strip) {
        const Im2col im2col{device, {p, strip}, gpu::planar_results(p, strip), w, b};
        return opencl_work(device, im2col.input, im2col.results, strip * columns_per_row,
                           [im2col](const OpenclStage& stage) { im2col.queue(stage); });
    });
}

}  // namespace

Method opencl_im2col_method(std::shared_ptr<OpenclDevice> device) {
    return gpu::make_method({.name = "im2col",
                             .summary = "the column matrix of a strip, then one product by CLBlast",
                             .work = gpu::im2col_work,
                             .rates = device->rates(),
                             .prepare = [device](const Problem& p, const Weights& w) {
                                 return prepare(device, p, w);
                             }});
}

}  // namespace conv
