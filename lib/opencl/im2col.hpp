#pragma once

#include <memory>

#include "conv/method.hpp"
#include "opencl/opencl_device.hpp"

namespace conv {

/// `im2col` on an OpenCL device: a device kernel unrolls a strip into its column matrix, CLBlast
/// multiplies it by the weights.
Method opencl_im2col_method(const std::shared_ptr<OpenclDevice>& device);

}  // namespace conv
