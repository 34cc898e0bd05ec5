#pragma once

#include "contender.hpp"

namespace conv::bench {

/// Adds oneDNN's direct and Winograd convolution, plain NCHW in and out: weights are brought into
/// its own layout before, input and result inside the timing. Where the program was built without
/// oneDNN, a refusal says so.
void add_onednn_peers(const Operands& operands, int threads, Field& field);

/// Version and the best instruction set it uses, or why it is absent.
std::string onednn_version();

}  // namespace conv::bench
