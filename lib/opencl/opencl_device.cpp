#include "opencl/opencl_device.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/size.hpp"
#include "opencl/program_cache.hpp"

namespace conv {
namespace {

// Strips that keep a GPU busy for longer than a launch takes, and ones that stay near a
// processor's cache and still hold some tiles of 32 rows where pictures are wide.
constexpr std::int64_t kGpuStripBytes = 96 << 20;
constexpr std::int64_t kProcessorStripBytes = 4 << 20;

bool is_processor(const cl::Device& device) {
    return (device.getInfo<CL_DEVICE_TYPE>() & CL_DEVICE_TYPE_CPU) != 0;
}

/// Names come with padding and terminators from some drivers.
std::string tidy(std::string text) {
    text = text.c_str();
    const auto end = text.find_last_not_of(' ');
    text.resize(end == std::string::npos ? 0 : end + 1);
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

}  // namespace

OpenclDevice::OpenclDevice(std::string name, cl::Device device, std::string cache_directory)
    : name_(std::move(name)),
      device_(std::move(device)),
      cache_directory_(std::move(cache_directory)) {}

std::string OpenclDevice::description() const {
    const cl::Platform platform(device_.getInfo<CL_DEVICE_PLATFORM>());
    return fmt::format(
        "{}, {} {}, driver {}, {}", tidy(device_.getInfo<CL_DEVICE_NAME>()),
        tidy(platform.getInfo<CL_PLATFORM_NAME>()), tidy(device_.getInfo<CL_DEVICE_VERSION>()),
        tidy(device_.getInfo<CL_DRIVER_VERSION>()),
        format_bytes(static_cast<std::int64_t>(device_.getInfo<CL_DEVICE_GLOBAL_MEM_SIZE>())));
}

gpu::DeviceTraits OpenclDevice::traits() const {
    gpu::DeviceRates rates;
    if (is_processor(device_)) {
        // It shares the memory and the cores that the processor's own methods use better.
        rates.transfer = rates.memory = rates.macs = 4e9;
        rates.launch_seconds = 1e-4;
        return {rates, kProcessorStripBytes};
    }
    // 16 multiplications and additions a clock: what the narrowest compute units do.
    const double clock = 1e6 * device_.getInfo<CL_DEVICE_MAX_CLOCK_FREQUENCY>();
    const double units = device_.getInfo<CL_DEVICE_MAX_COMPUTE_UNITS>();
    rates.macs = std::max(rates.macs, 16 * units * clock);
    return {rates, std::min(kGpuStripBytes, largest_buffer())};
}

std::int64_t OpenclDevice::local_memory_bytes() const {
    return static_cast<std::int64_t>(device_.getInfo<CL_DEVICE_LOCAL_MEM_SIZE>());
}

std::int64_t OpenclDevice::largest_buffer() const {
    return static_cast<std::int64_t>(device_.getInfo<CL_DEVICE_MAX_MEM_ALLOC_SIZE>());
}

const cl::Context& OpenclDevice::context() {
    const std::lock_guard lock(mutex_);
    if (context_() == nullptr) context_ = cl::Context(device_);
    return context_;
}

const cl::Program& OpenclDevice::program() {
    const std::lock_guard lock(mutex_);
    if (program_() == nullptr) {
        program_ = with_opencl(*this, "compiling the device code",
                               [&] { return build_program(context(), device_, cache_directory_); });
    }
    return program_;
}

cl::CommandQueue OpenclDevice::make_queue() {
    return {context(), device_, CL_QUEUE_PROFILING_ENABLE};
}

cl::Buffer OpenclDevice::make_buffer(std::int64_t bytes, cl_mem_flags flags) {
    if (bytes > largest_buffer()) {
        fail(ErrorKind::memory, "{} takes buffers of up to {}, this needs {}, use --device cpu",
             name_, format_bytes(largest_buffer()), format_bytes(bytes));
    }
    return {context(), flags, static_cast<std::size_t>(bytes)};
}

cl::Buffer OpenclDevice::upload_words(const void* values, std::int64_t count) {
    const std::int64_t bytes = count * static_cast<std::int64_t>(sizeof(float));
    return with_opencl(*this, "uploading the kernel", [&] {
        cl::Buffer buffer = make_buffer(bytes, CL_MEM_READ_ONLY);
        make_queue().enqueueWriteBuffer(buffer, CL_TRUE, 0, static_cast<std::size_t>(bytes),
                                        values);
        return buffer;
    });
}

double OpenclDevice::copy_bandwidth() {
    constexpr std::int64_t kBytes = 128 << 20;
    constexpr int kCopies = 10;
    return with_opencl(*this, "copying", [&] {
        const std::int64_t bytes = std::min(kBytes, largest_buffer());
        const cl::Buffer from = make_buffer(bytes, CL_MEM_READ_WRITE);
        const cl::Buffer to = make_buffer(bytes, CL_MEM_READ_WRITE);
        cl::CommandQueue queue = make_queue();
        const auto size = static_cast<std::size_t>(bytes);
        queue.enqueueFillBuffer(from, cl_int{0}, 0, size);
        double least = 0;
        for (int i = 0; i < kCopies; ++i) {
            cl::Event copied;
            queue.enqueueCopyBuffer(from, to, 0, 0, size, nullptr, &copied);
            copied.wait();
            const auto start = copied.getProfilingInfo<CL_PROFILING_COMMAND_START>();
            const auto end = copied.getProfilingInfo<CL_PROFILING_COMMAND_END>();
            const double seconds = static_cast<double>(end - start) * 1e-9;
            least = i == 0 ? seconds : std::min(least, seconds);
        }
        return 2 * static_cast<double>(bytes) / least;
    });
}

cl::Kernel OpenclDevice::kernel(const std::string& function) {
    return {program(), function.c_str()};
}

void fail_opencl(const OpenclDevice& device, const std::string& action, cl_int code) {
    const bool memory = code == CL_MEM_OBJECT_ALLOCATION_FAILURE || code == CL_OUT_OF_RESOURCES ||
                        code == CL_OUT_OF_HOST_MEMORY || code == CL_INVALID_BUFFER_SIZE;
    if (memory) {
        fail(ErrorKind::memory,
             "{}: not enough memory, {} failed with OpenCL error {}, use "
             "--device cpu or a method that needs less",
             device.name(), action, code);
    }
    fail(ErrorKind::device, "{}: {} failed with OpenCL error {}, use --device cpu", device.name(),
         action, code);
}

}  // namespace conv
