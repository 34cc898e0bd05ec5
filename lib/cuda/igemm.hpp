#pragma once

#include "conv/method.hpp"
#include "cuda/cuda_device.hpp"

namespace conv {

/// `igemm` on a CUDA device: the sums of the kernel's digits by the device kernels of `direct`,
/// then one that rounds them.
Method cuda_igemm_method(const CudaDevice& device);

}  // namespace conv
