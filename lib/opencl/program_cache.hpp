#pragma once

#include <string>

#include "opencl/opencl_api.hpp"

namespace conv {

/// The device code, compiled for `device`: from `directory` where an earlier run left it for the
/// same device, driver and source, else from source and then kept there. An empty directory, or one
/// that cannot be read or written, only costs time. Throws Error{device} with the build log, and
/// for a kept program that others can write or own (base/module.hpp); cl::Error for other failures.
cl::Program build_program(const cl::Context& context, const cl::Device& device,
                          const std::string& directory);

}  // namespace conv
