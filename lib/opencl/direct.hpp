#pragma once

#include <memory>

#include "conv/method.hpp"
#include "opencl/opencl_device.hpp"

namespace conv {

/// `direct` on an OpenCL device: 8- and 16-bit samples are uploaded as they are; dense kernels run
/// tiled in local memory where their tile fits, all others with one work-item an output.
Method opencl_direct_method(std::shared_ptr<OpenclDevice> device);

}  // namespace conv
