#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "kernels/kernel.hpp"

namespace conv {

/// What every document says of the kernels it is about: name, format and sizes K, C, R, S.
nlohmann::ordered_json kernels_json(const std::vector<Kernel>& kernels);

}  // namespace conv
