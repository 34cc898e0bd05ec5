#pragma once

#include <string>
#include <vector>

#include "compare/measure.hpp"
#include "files/image_file.hpp"
#include "pipeline/stages.hpp"

namespace conv {

/// Filters the input with linked stages by each method that ran and writes the pictures, `{method}`
/// in the pattern replaced by its name ("opencl-0-gemm" on a device); all appear together. Throws
/// as filter_pages and OutputFiles do.
void write_method_pictures(const std::string& pattern, std::span<const Device> devices,
                           const std::vector<FilterStage>& stages, const ImageDocument& input,
                           const Comparison& comparison);

/// Writes the differences as a grey picture, the largest white; returns the factor they were
/// multiplied by, 0 where there are none.
double write_difference_picture(const std::string& path, const Comparison& comparison,
                                std::int64_t width);

/// Throws Error{usage} unless the pattern names a file for each method.
void check_picture_pattern(const std::string& pattern);

}  // namespace conv
