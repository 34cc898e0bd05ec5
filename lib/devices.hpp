#pragma once

#include <string>
#include <vector>

#include "conv/device.hpp"

namespace conv {

/// A backend that cannot be used here, and why.
struct AbsentDevice {
    std::string name, reason;
};

struct Devices {
    std::vector<Device> found;  ///< the processor first
    std::vector<AbsentDevice> absent;
};

/// Every backend of this build: the only place that knows them all.
Devices open_devices();

}  // namespace conv
