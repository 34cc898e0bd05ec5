#pragma once

#include <functional>
#include <optional>

#include "cuda/cuda_device.hpp"
#include "cuda/device_kernels.hpp"

namespace conv {

/// What a method's commands work on: a strip uploaded to `input`, with `results` to be written.
struct CudaStage {
    cudaStream_t stream;
    cublasHandle_t blas;  ///< of the stream; strict float32; null unless CudaMethod::blas
    const void* input;
    float *results, *scratch;
    std::int64_t rows;
    cuda::Sample type;
    bool finite;  ///< no sample is NaN or Inf
};

/// Queues a method's commands.
using CudaCompute = std::function<void(const CudaStage&)>;

/// Queues what makes 8-bit samples in `bytes` of a strip's results, and adds those that 8 bits
/// cannot hold to lost[0] (below) and lost[1] (above).
using CudaRound = std::function<void(const CudaStage&, unsigned char* bytes, int* lost)>;

/// What a method does with a strip, and what it takes beside input and results.
struct CudaMethod {
    CudaCompute compute;
    std::int64_t scratch_bytes = 0;
    bool blas = false;          ///< costs time and memory for each strip in flight
    CudaRound round = nullptr;  ///< null: the results are rounded as they are
    std::optional<gpu::ResultLayout> bytes = {};  ///< of `round`; absent: as the results'
};

/// The strips of a method on this device.
gpu::StripWork cuda_work(const CudaDevice& device, const gpu::StripLayout& input,
                         const gpu::ResultLayout& results, CudaMethod method);

}  // namespace conv
