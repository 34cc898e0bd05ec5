#pragma once

#include "conv/machine_profile.hpp"
#include "conv/method.hpp"

namespace conv {

/// The definition: the nested loops of Problem's formula with a double accumulator, the border by
/// its index rule at every sample, no padding, no workspace. It is the oracle that every other
/// method is tested against and is never tuned. Result: the exact sum rounded once to float32, but
/// for the accumulator's own rounding of C/groups*R*S * 2^-53.
Method naive_method(const MachineProfile& profile);

}  // namespace conv
