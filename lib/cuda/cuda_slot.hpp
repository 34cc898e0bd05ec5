#pragma once

#include <functional>

#include "cuda/cuda_device.hpp"
#include "cuda/device_kernels.hpp"

namespace conv {

/// What a method's commands work on: a strip uploaded to `input`, with `results` to be written.
struct CudaStage {
    cudaStream_t stream;
    cublasHandle_t blas;  ///< of the stream; strict float32; null unless CudaNeeds::blas
    const void* input;
    float *results, *scratch;
    std::int64_t rows;
    cuda::Sample type;
    bool finite;  ///< no sample is NaN or Inf
};

/// Queues a method's commands.
using CudaCompute = std::function<void(const CudaStage&)>;

/// What a method's strips take beside input and results.
struct CudaNeeds {
    std::int64_t scratch_bytes = 0;
    bool blas = false;  ///< costs time and memory for each strip in flight
};

/// The strips of a method on this device.
gpu::StripWork cuda_work(const CudaDevice& device, const gpu::StripLayout& input,
                         const gpu::ResultLayout& results, const CudaNeeds& needs,
                         CudaCompute compute);

}  // namespace conv
