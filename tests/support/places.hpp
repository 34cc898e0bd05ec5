#pragma once

#include <string>

namespace conv::test {

/// The root of the checkout.
std::string source_folder();

/// The built program.
std::string program_path();

/// The shell's words that install the program and its modules; a prefix follows.
std::string install_command();

/// A module that another build of a backend could have left.
std::string foreign_backend_path();

/// What makes calls of OpenCL fail (tests/support/failing_opencl.cpp); there where OpenCL is.
std::string failing_opencl_path();

}  // namespace conv::test
