#pragma once

#include "conv/machine_profile.hpp"
#include "devices.hpp"

namespace conv {

/// open_devices() whose processor predicts from `profile` in place of the built-in one.
Devices open_devices(const std::vector<std::string>& backends, const BackendSettings& settings,
                     const MachineProfile& profile);

}  // namespace conv
