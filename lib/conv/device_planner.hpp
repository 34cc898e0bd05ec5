#pragma once

#include <span>

#include "conv/planner.hpp"

namespace conv {

/// The device and method predicted to be done first, start-up and transfers counted, a processor's
/// work shared by limits.threads. `method` is a name or "auto"; devices that lack it, or cannot run
/// it, are passed over. Candidates of all devices are in the result. Throws what choose_method
/// throws when no device is left; with one device this is choose_method.
Choice choose_device(std::span<const Device> devices, const std::string& method,
                     const Problem& problem, const Weights& weights, const Limits& limits);

/// The device called `name`, or null.
const Device* find_device(std::span<const Device> devices, const std::string& name);

}  // namespace conv
