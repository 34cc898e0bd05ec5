#pragma once

#include "conv/device.hpp"

namespace conv {

/// This machine's processor with every method written for it.
Device cpu_device();

/// Name and version of the library behind the fft method; empty where this build has none.
std::string fft_library();

}  // namespace conv
