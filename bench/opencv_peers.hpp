#pragma once

#include "contender.hpp"

namespace conv::bench {

/// Adds OpenCV's filter2D, and for Gaussian kernels sepFilter2D and GaussianBlur, where the row is
/// one 2-D kernel on a picture. Results have the input's type.
void add_opencv_peers(const Operands& operands, int threads, Field& field);

/// Version and the instruction sets it can choose from.
std::string opencv_version();

}  // namespace conv::bench
