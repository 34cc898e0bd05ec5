#pragma once

#include "conv/device.hpp"
#include "cpu/tile/builtin_profile.hpp"

namespace conv {

/// cpu_device() whose predictions rest on `profile` in place of the built-in one.
Device cpu_device(const MachineProfile& profile);

}  // namespace conv
