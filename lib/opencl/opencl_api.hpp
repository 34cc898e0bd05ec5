#pragma once

// The one place that says which OpenCL this project speaks: 1.2, which every driver of the last
// ten years does.
#define CL_HPP_ENABLE_EXCEPTIONS
#define CL_HPP_TARGET_OPENCL_VERSION 120
#define CL_HPP_MINIMUM_OPENCL_VERSION 120

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#include <CL/opencl.hpp>
#pragma GCC diagnostic pop
