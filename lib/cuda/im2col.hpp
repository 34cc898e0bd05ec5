#pragma once

#include "conv/method.hpp"
#include "cuda/cuda_device.hpp"

namespace conv {

/// `im2col` on a CUDA device: a device kernel unrolls a strip into its column matrix, cuBLAS
/// multiplies it by the weights.
Method cuda_im2col_method(const CudaDevice& device);

}  // namespace conv
