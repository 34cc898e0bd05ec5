#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace conv {

/// How much a kernel passes of each frequency: |sum over r,s of weights[r,s] * exp(-2 pi i (fy*r +
/// fx*s))|, at bins x bins frequencies. Row v, column u of the result is fy = v/(bins-1) - 1/2,
/// fx = u/(bins-1) - 1/2 cycles per sample, so that an odd `bins` has frequency 0 in its middle.
/// Where the kernel stands does not matter. Cost bins*R*S + bins*bins*R.
std::vector<double> frequency_response(std::span<const double> weights, std::int64_t R,
                                       std::int64_t S, std::int64_t bins);

}  // namespace conv
