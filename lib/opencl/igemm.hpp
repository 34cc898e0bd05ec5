#pragma once

#include <memory>

#include "conv/method.hpp"
#include "opencl/opencl_device.hpp"

namespace conv {

/// `igemm` on an OpenCL device: the sums of the kernel's digits by the device kernels of `direct`,
/// then one that rounds them.
Method opencl_igemm_method(const std::shared_ptr<OpenclDevice>& device);

}  // namespace conv
