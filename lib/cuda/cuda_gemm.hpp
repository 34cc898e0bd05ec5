#pragma once

#include "cuda/cuda_slot.hpp"
#include "gpu/row_lowering.hpp"

namespace conv {

/// Brings a method's kernel to the device.
using CudaUpload = std::function<gpu::StripMaker(const CudaDevice& device, const Problem& p,
                                                 const Weights& weights)>;

/// A method whose products are cuBLAS's: where that is not there, it refuses and says so.
Method cuda_product_method(const gpu::MethodKind& kind, const CudaDevice& device,
                           const CudaUpload& upload);

/// Queues the product with cuBLAS in strict float32: A in `a`, B in `b`, added to C in the stage's
/// results.
void queue_product(const CudaDevice& device, const CudaStage& stage, const float* a, const float* b,
                   const gpu::BatchedProduct& product);

}  // namespace conv
