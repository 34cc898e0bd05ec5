#include "devices.hpp"

#include "cpu/cpu_device.hpp"

namespace conv {

Devices open_devices() {
    return {.found = {cpu_device()},
            .absent = {{"opencl", "this build has no OpenCL backend"},
                       {"cuda", "this build has no CUDA backend"}}};
}

}  // namespace conv
