#include "cuda/cuda_device.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/size.hpp"
#include "cuda/cublas.hpp"
#include "cuda/device_kernels.hpp"

namespace conv {
namespace {

// Strips that keep the device busy for much longer than a launch takes.
constexpr std::int64_t kStripBytes = 128 << 20;

}  // namespace

void CudaDevice::use() const {
    check(cudaSetDevice(number_), "choosing the device");
}

void CudaDevice::check(cudaError_t status, const char* action) const {
    if (status == cudaSuccess) return;
    // The runtime remembers an error that the caller is about to handle.
    static_cast<void>(cudaGetLastError());
    if (status == cudaErrorMemoryAllocation) {
        fail(ErrorKind::memory,
             "{}: not enough memory for {}, use --device cpu or a method that needs less", name(),
             action);
    }
    fail(ErrorKind::device, "{}: {} failed: {}, use --device cpu", name(), action,
         cudaGetErrorString(status));
}

void CudaDevice::check(cublasStatus_t status, const char* action) const {
    if (status == CUBLAS_STATUS_SUCCESS) return;
    if (status == CUBLAS_STATUS_ALLOC_FAILED) check(cudaErrorMemoryAllocation, action);
    fail(ErrorKind::device, "{}: {} failed: {}, use --device cpu", name(), action,
         cublas().status_string(status));
}

int CudaDevice::attribute(cudaDeviceAttr which) const {
    int value = 0;
    check(cudaDeviceGetAttribute(&value, which, number_), "asking the device");
    return value;
}

std::string CudaDevice::description() const {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, number_), "asking the device");
    int driver = 0, runtime = 0;
    check(cudaDriverGetVersion(&driver), "asking the driver");
    check(cudaRuntimeGetVersion(&runtime), "asking the runtime");
    return fmt::format("{}, compute capability {}.{}, driver for CUDA {}.{}, runtime {}.{}, {}",
                       properties.name, properties.major, properties.minor, driver / 1000,
                       driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10,
                       format_bytes(static_cast<std::int64_t>(properties.totalGlobalMem)));
}

gpu::DeviceTraits CudaDevice::traits() const {
    gpu::DeviceRates rates;
    constexpr double kMacsPerClock = 128;  // of a multiprocessor
    // Half of what the clocks promise.
    const double clock = 1e3 * attribute(cudaDevAttrClockRate);
    rates.macs = std::max(rates.macs,
                          0.5 * kMacsPerClock * clock * attribute(cudaDevAttrMultiProcessorCount));
    const double memory_clock = 1e3 * attribute(cudaDevAttrMemoryClockRate);
    const double bus_bytes = attribute(cudaDevAttrGlobalMemoryBusWidth) / 8.0;
    rates.memory = std::max(rates.memory, 0.5 * 2 * memory_clock * bus_bytes);
    return {rates, kStripBytes};
}

std::string CudaDevice::unusable() const {
    use();
    const cudaError_t status = cuda::check_device_code();
    if (status == cudaSuccess) return {};
    static_cast<void>(cudaGetLastError());
    return fmt::format("this build has no code for it: {}", cudaGetErrorString(status));
}

std::shared_ptr<void> CudaDevice::allocate(std::int64_t bytes) const {
    use();
    void* memory = nullptr;
    check(cudaMalloc(&memory, static_cast<std::size_t>(bytes)), "a strip");
    return {memory, [](void* data) { cudaFree(data); }};
}

std::shared_ptr<void> CudaDevice::allocate_pinned(std::int64_t bytes) const {
    use();
    void* memory = nullptr;
    check(cudaMallocHost(&memory, static_cast<std::size_t>(bytes)), "a strip on the host");
    return {memory, [](void* data) { cudaFreeHost(data); }};
}

std::shared_ptr<void> CudaDevice::upload_bytes(const void* values, std::int64_t bytes) const {
    const std::shared_ptr<void> memory = allocate(bytes);
    check(cudaMemcpy(memory.get(), values, static_cast<std::size_t>(bytes), cudaMemcpyHostToDevice),
          "uploading the kernel");
    // Strips run in streams of their own, which do not wait for this copy.
    check(cudaDeviceSynchronize(), "uploading the kernel");
    return memory;
}

double CudaDevice::copy_bandwidth() const {
    constexpr std::int64_t kBytes = 256 << 20;
    constexpr int kCopies = 10;
    const auto from = allocate(kBytes), to = allocate(kBytes);
    const CudaStream stream(*this);
    const CudaEvent start(*this), end(*this);
    float least = 0;
    for (int i = 0; i < kCopies; ++i) {
        check(cudaEventRecord(start.get(), stream.get()), "copying");
        check(cudaMemcpyAsync(to.get(), from.get(), kBytes, cudaMemcpyDeviceToDevice, stream.get()),
              "copying");
        check(cudaEventRecord(end.get(), stream.get()), "copying");
        check(cudaStreamSynchronize(stream.get()), "copying");
        float milliseconds = 0;
        check(cudaEventElapsedTime(&milliseconds, start.get(), end.get()), "copying");
        least = i == 0 ? milliseconds : std::min(least, milliseconds);
    }
    return 2.0 * static_cast<double>(kBytes) / (static_cast<double>(least) * 1e-3);
}

CudaStream::CudaStream(const CudaDevice& device) {
    device.use();
    device.check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "a stream");
}

CudaEvent::CudaEvent(const CudaDevice& device) {
    device.use();
    // Whoever waits for it leaves the processor to others.
    device.check(cudaEventCreateWithFlags(&event_, cudaEventBlockingSync), "an event");
}

}  // namespace conv
