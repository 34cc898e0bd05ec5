#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace conv {

/// The words of --device: "cpu, opencl[:n|:all], cuda[:n|:all] or auto", for people and for
/// completion.
std::string device_words();
CLI::Validator offered_devices();

}  // namespace conv
