#pragma once

#include "pipeline/filtered_page.hpp"
#include "tensor/view.hpp"

namespace conv {

/// The sums of map `map` of one row, Q pixels of problem.N lanes with the opacity last, become
///   colour = sum(w a x) * sum(w) / A + bias   and   alpha = A / sum(w),   with A = sum(w a) there.
void divide_by_opacity(float* line, std::size_t map, const FilteredPage& of);

/// Reduces the maps of row `row` of the sums N x K x rows x Q into map 0, as --combine says.
/// Opacity, where it is a lane, becomes the largest.
void combine_maps(const TensorView<float>& sums, std::int64_t row, const FilteredPage& of);

}  // namespace conv
