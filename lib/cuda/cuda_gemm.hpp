#pragma once

#include "cuda/cuda_slot.hpp"
#include "gpu/row_lowering.hpp"

namespace conv {

/// Queues the product with cuBLAS in strict float32: A in `a`, B in `b`, added to C in the stage's
/// results.
void queue_product(const CudaDevice& device, const CudaStage& stage, const float* a, const float* b,
                   const gpu::BatchedProduct& product);

}  // namespace conv
