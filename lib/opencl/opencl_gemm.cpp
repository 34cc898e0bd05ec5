#include "opencl/opencl_gemm.hpp"

#include <clblast.h>

#include "base/error.hpp"

namespace conv {

void queue_product(const OpenclDevice& device, const OpenclStage& stage, const cl::Buffer& a,
                   const cl::Buffer& b, const gpu::BatchedProduct& product) {
    const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
    constexpr auto kByRows = clblast::Layout::kRowMajor;
    constexpr auto kAsIs = clblast::Transpose::kNo;
    const gpu::BatchedProduct& x = product;
    cl_command_queue queue = stage.queue();
    const clblast::StatusCode status =
        x.batch == 1
            ? clblast::Gemm<float>(kByRows, kAsIs, kAsIs, size(x.m), size(x.n), size(x.k), 1.0F,
                                   a(), size(x.a), size(x.lda), b(), size(x.b), size(x.ldb), 1.0F,
                                   stage.results(), size(x.c), size(x.ldc), &queue)
            : clblast::GemmStridedBatched<float>(
                  kByRows, kAsIs, kAsIs, size(x.m), size(x.n), size(x.k), 1.0F, a(), size(x.a),
                  size(x.lda), 0, b(), size(x.b), size(x.ldb), size(x.b_step), 1.0F,
                  stage.results(), size(x.c), size(x.ldc), size(x.c_step), size(x.batch), &queue);
    if (status != clblast::StatusCode::kSuccess) {
        fail_opencl(device, "CLBlast's product", static_cast<cl_int>(status));
    }
}

}  // namespace conv
