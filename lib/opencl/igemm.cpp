#include "opencl/igemm.hpp"

#include "gpu/whole_method.hpp"
#include "opencl/direct.hpp"

namespace conv {
namespace {

/// What rounds the digits' sums of a strip, and where its bytes go.
struct WholeRound {
    std::shared_ptr<OpenclDevice> device;
    gpu::ResultLayout sums, bytes;
    cl::Buffer bias;
    gpu::Quotient quotient;
    std::int64_t columns, maps;

    void queue(const OpenclStage& stage, const cl::Buffer& to, std::int64_t lost_at) const {
        cl::Kernel kernel = device->kernel("store_whole_bytes");
        kernel.setArg(0, stage.results);
        kernel.setArg(1, to);
        kernel.setArg(2, static_cast<cl_int>(lost_at));
        kernel.setArg(3, static_cast<cl_int>(columns));
        kernel.setArg(4, gpu::device_results(sums, stage.rows));
        kernel.setArg(5, gpu::device_results(bytes, stage.rows));
        kernel.setArg(6, bias);
        kernel.setArg(7, quotient);
        queue_rows(stage.queue, kernel, bytes.line / 4, stage.rows, maps);
    }
};

gpu::StripMaker upload_for_igemm(const std::shared_ptr<OpenclDevice>& device,
                                 const gpu::Digits& digits) {
    const Problem cut = digits.problem;
    Problem whole = cut;
    whole.K = cut.K / digits.count;
    const auto sums = opencl_direct_sums(device, cut, {digits.values, {}});
    cl::Buffer bias = device->upload(digits.whole.bias.data(), whole.K);
    const gpu::Quotient quotient = gpu::quotient_of(digits);
    return [=](std::int64_t rows) {
        WholeRound round{device,
                         gpu::planar_results(cut, rows),
                         gpu::planar_results(whole, rows),
                         bias,
                         quotient,
                         whole.Q() * whole.N,
                         whole.K};
        return opencl_work(
            device, {whole, rows}, round.sums,
            {.compute = sums(rows),
             .round = [round](const OpenclStage& stage, const cl::Buffer& to,
                              std::int64_t lost_at) { round.queue(stage, to, lost_at); },
             .bytes = round.bytes});
    };
}

}  // namespace

Method opencl_igemm_method(const std::shared_ptr<OpenclDevice>& device) {
    return gpu::make_whole_method(device->traits(), [device](const gpu::Digits& digits) {
        return upload_for_igemm(device, digits);
    });
}

}  // namespace conv
