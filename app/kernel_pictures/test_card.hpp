#pragma once

#include "tensor/image.hpp"

namespace conv {

/// A grey 8-bit picture of size x size pixels that shows what a filter does: rings of rising
/// frequency, a ramp with bars of several widths, a disc and a square among dots, lines and
/// checks at several angles.
Image test_card(std::int64_t size);

}  // namespace conv
