#pragma once

#include "conv/method.hpp"
#include "cuda/cuda_slot.hpp"

namespace conv {

/// `direct` on a CUDA device: 8- and 16-bit samples are uploaded as they are; dense kernels run
/// tiled in shared memory where their tile fits, all others with one thread an output.
Method cuda_direct_method(const CudaDevice& device);

/// Brings the kernel to the device, and returns what queues the sums of a strip of so many rows, in
/// one plane for each map.
std::function<CudaCompute(std::int64_t rows)> cuda_direct_sums(const CudaDevice& device,
                                                               const Problem& p,
                                                               const Weights& weights);

}  // namespace conv
