#pragma once

#include <memory>

#include "conv/method.hpp"
#include "opencl/opencl_device.hpp"

namespace conv {

/// `gemm` on an OpenCL device: the lowering without copying of docs/design.md, as strided batched
/// products of CLBlast on the strip as it lies.
Method opencl_gemm_method(const std::shared_ptr<OpenclDevice>& device);

}  // namespace conv
