#pragma once

#include "gpu/row_lowering.hpp"
#include "opencl/opencl_slot.hpp"

namespace conv {

/// Queues the product with CLBlast: A in `a`, B in `b`, added to C in the stage's results. Throws
/// Error{memory} or Error{device}.
void queue_product(const OpenclDevice& device, const OpenclStage& stage, const cl::Buffer& a,
                   const cl::Buffer& b, const gpu::BatchedProduct& product);

}  // namespace conv
