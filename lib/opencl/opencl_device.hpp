#pragma once

#include <mutex>
#include <string>

#include "conv/backend.hpp"
#include "gpu/device_method.hpp"
#include "opencl/opencl_api.hpp"

namespace conv {

/// One OpenCL device: its context and its compiled device code, made when first needed.
/// Thread-safe.
class OpenclDevice {
public:
    OpenclDevice(std::string name, cl::Device device, std::string cache_directory);

    const std::string& name() const { return name_; }
    /// Hardware, library, memory.
    std::string description() const;
    gpu::DeviceTraits traits() const;
    std::int64_t local_memory_bytes() const;
    /// Bytes of the largest buffer.
    std::int64_t largest_buffer() const;

    /// Throws Error{device} with the build log when the device code does not compile.
    const cl::Program& program();
    const cl::Context& context();
    /// An in-order queue whose commands are timed.
    cl::CommandQueue make_queue();
    cl::Buffer make_buffer(std::int64_t bytes, cl_mem_flags flags);
    /// Read-only numbers of 32 bits on the device.
    template <typename Number>
    cl::Buffer upload(const Number* values, std::int64_t count) {
        static_assert(sizeof(Number) == 4);
        return upload_words(values, count);
    }
    cl::Kernel kernel(const std::string& function);
    /// Bytes a second, read and written, of copies within the device's memory.
    double copy_bandwidth();

private:
    cl::Buffer upload_words(const void* values, std::int64_t count);

    std::string name_;
    cl::Device device_;
    std::string cache_directory_;
    std::recursive_mutex mutex_;
    cl::Context context_;
    cl::Program program_;
};

/// The project's error for a failed call: Error{memory} where the device lacks memory, else
/// Error{device} with what was tried and the code.
[[noreturn]] void fail_opencl(const OpenclDevice& device, const std::string& action, cl_int code);

/// Calls `body`, turning cl::Error into Error.
template <typename Body>
auto with_opencl(const OpenclDevice& device, const char* action, const Body& body) {
    try {
        return body();
    } catch (const cl::Error& error) {
        fail_opencl(device, std::string(action) + " (" + error.what() + ")", error.err());
    }
}

}  // namespace conv
