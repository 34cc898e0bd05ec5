#pragma once

#include "conv/method.hpp"

namespace conv {

/// What a sum may be off, as a share of the range of its samples times sum |w|.
inline constexpr double kSlidingShare = 1e-4;

/// Running sums down the columns and along the rows of kernels that are a symmetric column times a
/// symmetric row: windows of any size take the same time. Exact sums for boxes, within
/// kSlidingShare for others, so that `auto` takes it only where it is asked to approximate.
Method sliding_method();

}  // namespace conv
