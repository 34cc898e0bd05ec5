#pragma once

#include "support/filtering.hpp"

namespace conv::test {

/// What does not count is `value`, and stays it.
Nodata nodata_of(double value);

/// A picture with holes: single samples, a block over the corner, a row.
Image holed_picture(SampleType type, std::int64_t channels, double nodata, bool has_alpha = false);

/// Sums to zero.
Kernel gradient_kernel();

/// Filters the page and holds every float against the definition, by nested loops.
void check_against_reference(const Kernel& kernel, const Image& page, FilterSettings settings,
                             double tolerance);

}  // namespace conv::test
