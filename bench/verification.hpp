#pragma once

#include "contender.hpp"

namespace conv::bench {

/// Runs every contender once and compares: each with the definition (`naive`) on a few rows at the
/// top, in the middle and at the bottom, and with the first contender everywhere. Float results
/// are rounded to levels before they are compared with 8-bit ones. Returns one line for each
/// pair that is further apart than their tolerances allow together; none when all agree.
std::vector<std::string> disagreements(const Operands& operands,
                                       const std::vector<Contender>& contenders);

}  // namespace conv::bench
