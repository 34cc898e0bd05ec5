#pragma once

#include <string>
#include <vector>

#include "conv/device.hpp"

namespace conv {

/// A backend, or one of its devices, that cannot be used here, and why.
struct AbsentDevice {
    std::string name, reason;
};

struct Devices {
    std::vector<Device> found;  ///< the processor first
    std::vector<AbsentDevice> absent;
};

/// What a backend may use of the machine.
struct BackendSettings {
    std::string cache_directory;  ///< for compiled device code; empty: none is kept
};

/// A backend is a shared module next to the program that exports two C functions, kBackendBuild and
/// kOpenBackend. Program and module exchange C++ types, so both must have seen the same ones: the
/// first function returns kBackendInterface (backend_interface.hpp, made by the build from this
/// header and all that it includes) as the module saw it, and others are refused.
/// Adds the devices that are there to `devices`, or why there are none; never throws.
using OpenBackend = void (*)(const BackendSettings& settings, Devices& devices);
using BackendBuild = const char* (*)();
inline constexpr const char* kOpenBackend = "conv_open_backend";
inline constexpr const char* kBackendBuild = "conv_backend_build";

}  // namespace conv
