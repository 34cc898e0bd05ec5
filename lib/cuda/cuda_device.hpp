#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <memory>
#include <string>

#include "gpu/device_method.hpp"

namespace conv {

/// One CUDA device by its number. Every call may come from any thread: use() makes it the thread's
/// device first.
class CudaDevice {
public:
    explicit CudaDevice(int number) : number_(number) {}

    std::string name() const { return "cuda:" + std::to_string(number_); }
    /// Hardware, memory, driver. Throws Error{device}.
    std::string description() const;
    gpu::DeviceTraits traits() const;
    /// Why this build cannot run on the device, or nothing.
    std::string unusable() const;
    void use() const;

    /// Throws Error{memory} where the device or the host lacks it, else Error{device}.
    void check(cudaError_t status, const char* action) const;
    void check(cublasStatus_t status, const char* action) const;

    /// Device memory, freed with its last user. Throws Error{memory}.
    std::shared_ptr<void> allocate(std::int64_t bytes) const;
    /// Host memory that the device transfers without a copy.
    std::shared_ptr<void> allocate_pinned(std::int64_t bytes) const;
    /// Numbers on the device.
    template <typename Number>
    std::shared_ptr<const Number> upload(const Number* values, std::int64_t count) const {
        const auto bytes = count * static_cast<std::int64_t>(sizeof(Number));
        return std::static_pointer_cast<const Number>(upload_bytes(values, bytes));
    }
    /// Bytes a second, read and written, of copies within the device's memory.
    double copy_bandwidth() const;

private:
    std::shared_ptr<void> upload_bytes(const void* values, std::int64_t bytes) const;
    int attribute(cudaDeviceAttr which) const;

    int number_;
};

/// A stream of commands.
class CudaStream {
public:
    explicit CudaStream(const CudaDevice& device);
    CudaStream(const CudaStream&) = delete;
    CudaStream& operator=(const CudaStream&) = delete;
    ~CudaStream() { cudaStreamDestroy(stream_); }
    cudaStream_t get() const { return stream_; }

private:
    cudaStream_t stream_ = nullptr;
};

/// A point in a stream whose time is taken.
class CudaEvent {
public:
    explicit CudaEvent(const CudaDevice& device);
    CudaEvent(const CudaEvent&) = delete;
    CudaEvent& operator=(const CudaEvent&) = delete;
    ~CudaEvent() { cudaEventDestroy(event_); }
    cudaEvent_t get() const { return event_; }

private:
    cudaEvent_t event_ = nullptr;
};

}  // namespace conv
