#pragma once

#include "conv/method.hpp"
#include "cuda/cuda_device.hpp"

namespace conv {

/// `direct` on a CUDA device: 8- and 16-bit samples are uploaded as they are; dense kernels run
/// tiled in shared memory where their tile fits, all others with one thread an output.
Method cuda_direct_method(const CudaDevice& device);

}  // namespace conv
