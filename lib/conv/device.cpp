#include "conv/device.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/nearest_name.hpp"

namespace conv {

bool Device::has_method(const std::string& method) const {
    return std::any_of(methods.begin(), methods.end(),
                       [&](const Method& m) { return m.name == method; });
}

const Method& find_method(const Device& device, const std::string& name) {
    const auto found = std::find_if(device.methods.begin(), device.methods.end(),
                                    [&](const Method& m) { return m.name == name; });
    if (found != device.methods.end()) return *found;
    std::vector<std::string> names = {"auto"};
    for (const Method& method : device.methods) names.push_back(method.name);
    fail(ErrorKind::usage, "unknown method '{}'{}, use one of {}", name,
         nearest_name_hint(name, names), fmt::join(names, ", "));
}

}  // namespace conv
