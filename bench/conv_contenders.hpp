#pragma once

#include "contender.hpp"
#include "conv/device.hpp"

namespace conv::bench {

/// Methods to run; "auto" is one of them.
struct Selection {
    std::vector<std::string> methods;
    bool parts = false;  ///< also what the methods are made of: their sgemm calls, im2col's columns
};

/// All names a Selection can hold.
std::vector<std::string> all_methods(const Device& device);

/// Adds the selected methods of `device` that accept the row. Refused with the reason: what the
/// method rejects, what would take seconds a run, and what would need more memory than
/// kMostWorkspace.
void add_conv_contenders(const Device& device, const Operands& operands, const Selection& selection,
                         int threads, Field& field);

/// 2 GiB: im2col of a 2048 x 2048 picture up to 11x11.
inline constexpr std::int64_t kMostWorkspace = std::int64_t{1} << 31;

}  // namespace conv::bench
