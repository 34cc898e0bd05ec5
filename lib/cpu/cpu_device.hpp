#pragma once

#include "conv/device.hpp"

namespace conv {

/// This machine's processor with every method written for it.
Device cpu_device();

}  // namespace conv
