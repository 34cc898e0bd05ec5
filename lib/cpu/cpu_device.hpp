#pragma once

#include <string>
#include <vector>

#include "conv/device.hpp"

namespace conv {

/// This machine's processor with every method written for it.
Device cpu_device();

/// Further methods of the processor, which give up the local error for speed: for those who ask for
/// them alone.
std::vector<Method> approximate_methods();

/// Name and version of the library behind the fft method; empty where this build has none.
std::string fft_library();

}  // namespace conv
