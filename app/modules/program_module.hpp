#pragma once

#include <cstdint>
#include <string>

namespace conv {

/// A module of the program that is opened when first needed.
struct ProgramModule {
    const char* file;       ///< "conv_opencv.so"
    const char* interface;  ///< of this build
    const char* title;      ///< "OpenCV", in errors
    const char* package;    ///< the Debian package that it comes with
    /// Address space that loading takes.
    std::int64_t address_bytes;
};

/// Loads the module and returns what its conv_module_functions() does. Throws Error{device} where
/// it is missing, foreign or cannot be loaded, Error{memory} where a limit of this process leaves
/// no room for it.
const void* open_program_module(const ProgramModule& module);

}  // namespace conv
