#pragma once

#include <functional>
#include <string>

namespace conv::test {

/// Calls body(name) once for each instruction set that this processor has and the library was
/// compiled for, with run-time dispatch held to it, best first.
void for_each_simd_target(const std::function<void(const std::string& name)>& body);

}  // namespace conv::test
