#pragma once

#include <span>
#include <string>

#include "conv/device.hpp"

namespace conv {

/// Several devices of one kind as one: every run() of a plan goes to the device that has the fewest
/// under way, over all plans of all pictures, so that the pictures of a batch and the blocks of one
/// picture spread over them. Methods are the first device's, and so are offers and refusals; a
/// device's own plan is made when it gets its first run. Results are those of one device where the
/// devices are equal. The devices must outlive this one.
Device share_devices(std::string name, std::span<const Device> devices);

}  // namespace conv
