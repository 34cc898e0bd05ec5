#pragma once

#include <string>

namespace conv::test {

/// The root of the checkout.
std::string source_folder();

/// The built program.
std::string program_path();

}  // namespace conv::test
