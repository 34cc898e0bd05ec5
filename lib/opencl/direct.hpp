#pragma once

#include <memory>

#include "conv/method.hpp"
#include "opencl/opencl_slot.hpp"

namespace conv {

/// `direct` on an OpenCL device: 8- and 16-bit samples are uploaded as they are; dense kernels run
/// tiled in local memory where their tile fits, all others with one work-item an output.
Method opencl_direct_method(const std::shared_ptr<OpenclDevice>& device);

/// Brings the kernel to the device, and returns what queues the sums of a strip of so many rows, in
/// one plane for each map.
std::function<OpenclCompute(std::int64_t rows)> opencl_direct_sums(
    const std::shared_ptr<OpenclDevice>& device, const Problem& p, const Weights& weights);

}  // namespace conv
