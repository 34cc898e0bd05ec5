#include "results/kernel_json.hpp"

#include <nlohmann/json.hpp>

namespace conv {

nlohmann::ordered_json kernels_json(const std::vector<Kernel>& kernels) {
    auto json = nlohmann::ordered_json::array();
    for (const Kernel& kernel : kernels) {
        json.push_back({{"name", kernel.name},
                        {"format", kernel.format},
                        {"K", kernel.K},
                        {"C", kernel.C},
                        {"R", kernel.R},
                        {"S", kernel.S}});
    }
    return json;
}

}  // namespace conv
