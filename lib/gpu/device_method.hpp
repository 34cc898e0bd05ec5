#pragma once

#include <functional>

#include "gpu/device_cost.hpp"
#include "gpu/strip_plan.hpp"

namespace conv::gpu {

/// One of the three methods as a device's backend sees it.
struct DeviceMethod {
    std::string name, summary;
    DeviceWork (*work)(const Problem&);
    DeviceRates rates;
    std::function<Plan(const Problem&, const Weights&)> prepare;
};

/// The method of the seam: its reasons to refuse, its cost with start-up and transfers, its bound.
Method make_method(DeviceMethod method);

/// The bias of every map, zeros where there is none.
std::vector<float> full_bias(const Problem& p, const Weights& weights);

/// weights[k][c][r][s] in the order [k][c][s][r], for device kernels that slide down columns.
std::vector<float> columnwise_weights(const Problem& p, const Weights& weights);

}  // namespace conv::gpu
