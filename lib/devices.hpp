#pragma once

#include <string>
#include <vector>

#include "conv/backend.hpp"

namespace conv {

/// The backends beside the processor, by name: "opencl", "cuda".
std::vector<std::string> backend_names();

/// The processor and the devices of the named backends: the only place that knows them all. A
/// backend is a module in module_folder(), loaded when it is first named here and kept. What cannot
/// be used is in `absent` with the reason.
Devices open_devices(const std::vector<std::string>& backends = {},
                     const BackendSettings& settings = {});

}  // namespace conv
