#pragma once

#include <vector>

#include "conv/method.hpp"

namespace conv {

/// For each group, what part of a map's sum |w| any j of its weights can hold, j = 0 .. C/G*R*S:
/// that of the j largest; of all maps of the group the greatest part. Where at most j samples of a
/// window are below a threshold, then, whichever they are,
///   sum |w||x| >= threshold * (1 - part[j]) * sum |w|.
std::vector<std::vector<float>> heavy_weights(const Problem& p, const Weights& weights);

}  // namespace conv
