#pragma once

#include <string>
#include <vector>

#include "conv/method.hpp"

namespace conv {

/// Something that can compute convolutions, and the ways it has to do so, in order of preference.
struct Device {
    std::string name;         ///< "cpu", "opencl:0": the word of --device
    std::string description;  ///< what hardware and library it is
    std::vector<Method> methods;
    /// Predicted seconds are one thread's, and more threads share them.
    bool threads_share = true;

    bool has_method(const std::string& method) const;
};

/// The method called `name`. Throws Error{usage} that lists the names there are.
const Method& find_method(const Device& device, const std::string& name);

}  // namespace conv
