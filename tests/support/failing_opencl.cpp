// Loaded before a program's OpenCL (LD_PRELOAD): calls of one function fail from the n-th on, as
// CONV_FAILING_OPENCL="FUNCTION:N:CODE" says. A device that is lost, or full, fails like that.
// CONV_OPENCL_MEMORY=BYTES lets all buffers together have so many. CONV_OPENCL_TRACE=FILE gets a
// line "THREAD NANOSECONDS" for every time of an event that the program asks for.
#include <CL/cl.h>
#include <dlfcn.h>

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

namespace {

struct Failure {
    const char* plan = std::getenv("CONV_FAILING_OPENCL");
    std::atomic<int> calls = 0;

    /// What a call of the function must answer; 0: it may go on.
    cl_int code(const char* function) {
        const std::size_t length = std::strlen(function);
        if (plan == nullptr || std::strncmp(plan, function, length) != 0 || plan[length] != ':') {
            return 0;
        }
        char* end = nullptr;
        const long first = std::strtol(plan + length + 1, &end, 10);
        return ++calls >= first ? static_cast<cl_int>(std::strtol(end + 1, nullptr, 10)) : 0;
    }
};

Failure failure;

/// A device's memory, as small as it is said to be.
class SmallMemory {
public:
    bool has_room(std::size_t size) {
        const std::lock_guard lock(mutex_);
        return size <= limit_ - taken_;
    }
    void add(cl_mem buffer, std::size_t size) {
        const std::lock_guard lock(mutex_);
        buffers_[buffer] = {size, 1};
        taken_ += size;
    }
    void count(cl_mem buffer, int owners) {
        const std::lock_guard lock(mutex_);
        const auto found = buffers_.find(buffer);
        if (found == buffers_.end() || (found->second.owners += owners) > 0) return;
        taken_ -= found->second.size;
        buffers_.erase(found);
    }

private:
    struct Buffer {
        std::size_t size;
        int owners;
    };
    static std::size_t limit() {
        const char* bytes = std::getenv("CONV_OPENCL_MEMORY");
        return bytes == nullptr ? SIZE_MAX : std::strtoull(bytes, nullptr, 10);
    }

    std::mutex mutex_;
    std::map<cl_mem, Buffer> buffers_;
    std::size_t limit_ = limit(), taken_ = 0;
};

SmallMemory memory;

/// One line of the trace that is asked for.
void trace(cl_ulong nanoseconds) {
    static std::FILE* file = [] {
        const char* path = std::getenv("CONV_OPENCL_TRACE");
        return path == nullptr ? nullptr : std::fopen(path, "a");
    }();
    if (file == nullptr) return;
    std::fprintf(file, "%d %llu\n", gettid(), static_cast<unsigned long long>(nanoseconds));
    std::fflush(file);
}

template <typename Function>
Function real(const char* name) {
    static void* library = dlopen("libOpenCL.so.1", RTLD_LAZY | RTLD_NOLOAD);
    return reinterpret_cast<Function>(dlsym(library, name));
}

/// For functions that return an object and set an error.
template <typename Function, typename... Arguments>
auto made(const char* name, Function*, cl_int* error, Arguments... arguments) {
    if (const cl_int code = failure.code(name); code != 0) {
        if (error != nullptr) *error = code;
        return decltype(real<Function*>(name)(arguments..., error)){};
    }
    return real<Function*>(name)(arguments..., error);
}

/// For functions that return the error.
template <typename Function, typename... Arguments>
cl_int done(const char* name, Function*, Arguments... arguments) {
    const cl_int code = failure.code(name);
    return code != 0 ? code : real<Function*>(name)(arguments...);
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED cl_context clCreateContext(const cl_context_properties* properties, cl_uint count,
                                    const cl_device_id* devices,
                                    void (*notify)(const char*, const void*, size_t, void*),
                                    void* data, cl_int* error) {
    return made("clCreateContext", clCreateContext, error, properties, count, devices, notify,
                data);
}
EXPORTED cl_command_queue clCreateCommandQueue(cl_context context, cl_device_id device,
                                               cl_command_queue_properties properties,
                                               cl_int* error) {
    return made("clCreateCommandQueue", clCreateCommandQueue, error, context, device, properties);
}
EXPORTED cl_mem clCreateBuffer(cl_context context, cl_mem_flags flags, size_t size, void* host,
                               cl_int* error) {
    if (!memory.has_room(size)) {
        if (error != nullptr) *error = CL_MEM_OBJECT_ALLOCATION_FAILURE;
        return nullptr;
    }
    cl_mem buffer = made("clCreateBuffer", clCreateBuffer, error, context, flags, size, host);
    if (buffer != nullptr) memory.add(buffer, size);
    return buffer;
}
EXPORTED cl_int clRetainMemObject(cl_mem buffer) {
    memory.count(buffer, 1);
    return done("clRetainMemObject", clRetainMemObject, buffer);
}
EXPORTED cl_int clReleaseMemObject(cl_mem buffer) {
    memory.count(buffer, -1);
    return done("clReleaseMemObject", clReleaseMemObject, buffer);
}
EXPORTED cl_kernel clCreateKernel(cl_program program, const char* name, cl_int* error) {
    return made("clCreateKernel", clCreateKernel, error, program, name);
}
EXPORTED void* clEnqueueMapBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                  cl_map_flags flags, size_t offset, size_t size, cl_uint waits,
                                  const cl_event* wait, cl_event* event, cl_int* error) {
    return made("clEnqueueMapBuffer", clEnqueueMapBuffer, error, queue, buffer, blocking, flags,
                offset, size, waits, wait, event);
}
EXPORTED cl_int clBuildProgram(cl_program program, cl_uint count, const cl_device_id* devices,
                               const char* options, void (*notify)(cl_program, void*), void* data) {
    return done("clBuildProgram", clBuildProgram, program, count, devices, options, notify, data);
}
EXPORTED cl_int clEnqueueWriteBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                     size_t offset, size_t size, const void* data, cl_uint waits,
                                     const cl_event* wait, cl_event* event) {
    return done("clEnqueueWriteBuffer", clEnqueueWriteBuffer, queue, buffer, blocking, offset, size,
                data, waits, wait, event);
}
EXPORTED cl_int clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                    size_t offset, size_t size, void* data, cl_uint waits,
                                    const cl_event* wait, cl_event* event) {
    return done("clEnqueueReadBuffer", clEnqueueReadBuffer, queue, buffer, blocking, offset, size,
                data, waits, wait, event);
}
EXPORTED cl_int clEnqueueFillBuffer(cl_command_queue queue, cl_mem buffer, const void* pattern,
                                    size_t pattern_size, size_t offset, size_t size, cl_uint waits,
                                    const cl_event* wait, cl_event* event) {
    return done("clEnqueueFillBuffer", clEnqueueFillBuffer, queue, buffer, pattern, pattern_size,
                offset, size, waits, wait, event);
}
EXPORTED cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                       const size_t* offset, const size_t* global,
                                       const size_t* local, cl_uint waits, const cl_event* wait,
                                       cl_event* event) {
    return done("clEnqueueNDRangeKernel", clEnqueueNDRangeKernel, queue, kernel, dimensions, offset,
                global, local, waits, wait, event);
}
EXPORTED cl_int clGetEventProfilingInfo(cl_event event, cl_profiling_info what, size_t size,
                                        void* value, size_t* written) {
    const cl_int code =
        done("clGetEventProfilingInfo", clGetEventProfilingInfo, event, what, size, value, written);
    if (code == CL_SUCCESS && size == sizeof(cl_ulong)) trace(*static_cast<cl_ulong*>(value));
    return code;
}
EXPORTED cl_int clWaitForEvents(cl_uint count, const cl_event* events) {
    return done("clWaitForEvents", clWaitForEvents, count, events);
}
EXPORTED cl_int clFinish(cl_command_queue queue) {
    return done("clFinish", clFinish, queue);
}
