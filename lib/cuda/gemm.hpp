#pragma once

#include "conv/method.hpp"
#include "cuda/cuda_device.hpp"

namespace conv {

/// `gemm` on a CUDA device: the lowering without copying of docs/design.md, as strided batched
/// products of cuBLAS on the strip as it lies.
Method cuda_gemm_method(const CudaDevice& device);

}  // namespace conv
