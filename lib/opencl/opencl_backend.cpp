#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "backend_interface.hpp"
#include "base/error.hpp"
#include "conv/backend.hpp"
#include "gpu/copy_bandwidth.hpp"
#include "opencl/direct.hpp"
#include "opencl/gemm.hpp"
#include "opencl/igemm.hpp"
#include "opencl/im2col.hpp"

namespace conv {
namespace {

/// Every device of every platform, processors last; `reasons` says why a platform has none.
std::vector<cl::Device> all_devices(std::string& reasons) {
    std::vector<cl::Platform> platforms;
    cl::Platform::get(&platforms);
    std::vector<cl::Device> devices;
    for (const cl::Platform& platform : platforms) {
        std::vector<cl::Device> some;
        std::string reason = "has none, or cannot open it";
        try {
            platform.getDevices(CL_DEVICE_TYPE_ALL, &some);
        } catch (const cl::Error& error) {
            reason = "answers with OpenCL error " + std::to_string(error.err());
        }
        if (some.empty()) {
            const std::string name = platform.getInfo<CL_PLATFORM_NAME>();
            reasons += fmt::format("{}{} {}", reasons.empty() ? ": " : ", ", name, reason);
        }
        std::copy_if(some.begin(), some.end(), std::back_inserter(devices), [](const auto& d) {
            return d.template getInfo<CL_DEVICE_AVAILABLE>() != CL_FALSE &&
                   d.template getInfo<CL_DEVICE_COMPILER_AVAILABLE>() != CL_FALSE;
        });
    }
    std::stable_partition(devices.begin(), devices.end(), [](const cl::Device& d) {
        return (d.getInfo<CL_DEVICE_TYPE>() & CL_DEVICE_TYPE_CPU) == 0;
    });
    return devices;
}

Device make_device(const std::shared_ptr<OpenclDevice>& device) {
    return {.name = device->name(),
            .description = device->description(),
            .methods = {opencl_igemm_method(device), opencl_direct_method(device),
                        opencl_gemm_method(device), opencl_im2col_method(device)},
            .threads_share = false};
}

void open_opencl(const BackendSettings& settings, Devices& devices) {
    try {
        std::size_t count = 0;
        std::string reasons;
        for (cl::Device& found : all_devices(reasons)) {
            devices.found.push_back(make_device(std::make_shared<OpenclDevice>(
                "opencl:" + std::to_string(count++), std::move(found), settings.cache_directory)));
        }
        if (count == 0) {
            devices.absent.push_back({"opencl", "no OpenCL platform has a device" + reasons});
        }
    } catch (const cl::Error& error) {
        constexpr cl_int kNoPlatform = -1001;  // the loader found no driver (cl_khr_icd)
        devices.absent.push_back({"opencl", error.err() == kNoPlatform
                                                ? "no OpenCL driver is installed"
                                                : std::string(error.what()) +
                                                      " failed with OpenCL error " +
                                                      std::to_string(error.err())});
    } catch (const std::exception& error) {
        devices.absent.push_back({"opencl", error.what()});
    }
}

double copy_bandwidth_of(const std::string& wanted) {
    std::string reasons;
    std::size_t count = 0;
    for (cl::Device& found : all_devices(reasons)) {
        const std::string name = "opencl:" + std::to_string(count++);
        if (name == wanted) return OpenclDevice(name, std::move(found), {}).copy_bandwidth();
    }
    fail(ErrorKind::device, "device {} is not there{}", wanted, reasons);
}

}  // namespace
}  // namespace conv

extern "C" __attribute__((visibility("default"))) const char* conv_backend_build() {
    return conv::kBackendInterface;
}

extern "C" __attribute__((visibility("default"))) void conv_open_backend(
    const conv::BackendSettings& settings, conv::Devices& devices) {
    conv::open_opencl(settings, devices);
}

extern "C" __attribute__((visibility("default"))) double conv_copy_bandwidth(const char* device) {
    return conv::copy_bandwidth_of(device);
}
