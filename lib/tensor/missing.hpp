#pragma once

#include "tensor/nodata.hpp"

namespace conv {

/// Whether any of `count` neighbouring samples does not count.
bool any_missing(const std::uint8_t* samples, std::int64_t count, const Nodata& nodata);
bool any_missing(const std::uint16_t* samples, std::int64_t count, const Nodata& nodata);
bool any_missing(const float* samples, std::int64_t count, const Nodata& nodata);

/// m x and m of `count` neighbouring samples x: m = 0 for those that do not count, 1 for others.
/// Returns whether any does not. Nothing overlaps.
bool separate_missing(const std::uint8_t* samples, std::int64_t count, const Nodata& nodata,
                      std::uint8_t* values, std::uint8_t* counts);
bool separate_missing(const std::uint16_t* samples, std::int64_t count, const Nodata& nodata,
                      std::uint16_t* values, std::uint8_t* counts);
bool separate_missing(const float* samples, std::int64_t count, const Nodata& nodata, float* values,
                      std::uint8_t* counts);

/// Puts 0 in the place of every kMissingSample among `count` values and notes their indices, in
/// order, from `places` on, where there is room for `count`. Returns how many there are.
std::int64_t take_missing_marks(float* values, std::int64_t count, std::int64_t* places);

}  // namespace conv
