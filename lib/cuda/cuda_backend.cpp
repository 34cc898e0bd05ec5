#include "backend_interface.hpp"
#include "base/error.hpp"
#include "conv/backend.hpp"
#include "cuda/direct.hpp"
#include "cuda/gemm.hpp"
#include "cuda/igemm.hpp"
#include "cuda/im2col.hpp"
#include "gpu/copy_bandwidth.hpp"

namespace conv {
namespace {

Device make_device(const CudaDevice& device) {
    return {.name = device.name(),
            .description = device.description(),
            .methods = {cuda_igemm_method(device), cuda_direct_method(device),
                        cuda_gemm_method(device), cuda_im2col_method(device)},
            .threads_share = false};
}

/// The number of devices, or why there are none.
std::string count_devices(int& count) {
    int driver = 0;
    if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) {
        return "no CUDA driver is installed";
    }
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status == cudaErrorInsufficientDriver) {
        return fmt::format("the driver serves CUDA {}.{}, this build needs {}.{} or newer",
                           driver / 1000, driver % 1000 / 10, CUDART_VERSION / 1000,
                           CUDART_VERSION % 1000 / 10);
    }
    return status == cudaSuccess ? std::string() : cudaGetErrorString(status);
}

void open_cuda(Devices& devices) {
    int count = 0;
    if (std::string reason = count_devices(count); !reason.empty()) {
        devices.absent.push_back({"cuda", std::move(reason)});
        return;
    }
    for (int number = 0; number < count; ++number) {
        const CudaDevice device(number);
        try {
            std::string reason = device.unusable();
            if (reason.empty()) {
                devices.found.push_back(make_device(device));
            } else {
                devices.absent.push_back({device.name(), std::move(reason)});
            }
        } catch (const std::exception& error) {
            devices.absent.push_back({device.name(), error.what()});
        }
    }
}

double copy_bandwidth_of(const std::string& wanted) {
    int count = 0;
    const std::string reason = count_devices(count);
    for (int number = 0; number < count; ++number) {
        const CudaDevice device(number);
        if (device.name() == wanted) return device.copy_bandwidth();
    }
    fail(ErrorKind::device, "device {} is not there{}{}", wanted, reason.empty() ? "" : ": ",
         reason);
}

}  // namespace
}  // namespace conv

extern "C" __attribute__((visibility("default"))) const char* conv_backend_build() {
    return conv::kBackendInterface;
}

extern "C" __attribute__((visibility("default"))) void conv_open_backend(
    const conv::BackendSettings&, conv::Devices& devices) {
    conv::open_cuda(devices);
}

extern "C" __attribute__((visibility("default"))) double conv_copy_bandwidth(const char* device) {
    return conv::copy_bandwidth_of(device);
}
