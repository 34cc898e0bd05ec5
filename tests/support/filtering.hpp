#pragma once

#include <string>
#include <vector>

#include "conv/device.hpp"
#include "pipeline/filter.hpp"
#include "support/test_files.hpp"

namespace conv::test {

/// A kernel R x S, C x R x S or K x C x R x S, as `sizes` has 2, 3 or 4 numbers.
Kernel make_kernel(std::vector<std::int64_t> sizes, std::vector<double> values);

Kernel factor_kernel(double factor, double bias = 0);

/// Output y, x is input y + dy, x + dx.
Kernel shift_kernel(std::int64_t dy, std::int64_t dx);

Kernel identity_kernel();

Kernel box_kernel(std::int64_t R, std::int64_t S);

/// Numbers of both signs without any symmetry, a few of them 0; their sum is not 0.
Kernel uneven_kernel(std::vector<std::int64_t> sizes);

/// Settings with the depth of the input.
FilterSettings settings_for(const Image& page);

/// The processor; results point into it.
const Device& test_device();

FilterResult filter(const std::vector<Kernel>& kernels, const std::vector<Image>& pages,
                    const FilterSettings& settings);

/// The only picture of the only page.
Image filter_picture(const std::vector<Kernel>& kernels, const Image& page,
                     const FilterSettings& settings);

/// The message of the Error that filtering throws, which must be of this kind.
std::string filter_error(const std::vector<Kernel>& kernels, const Image& page,
                         const FilterSettings& settings, ErrorKind kind);

void check_contains(const std::string& text, const std::string& fragment);

void set_sample(const Image& picture, std::int64_t c, std::int64_t y, std::int64_t x, double value);

/// One row of one channel with these samples.
Image row_picture(SampleType type, const std::vector<double>& samples);

/// All samples, channel by channel, row by row.
std::vector<double> samples_of(const Image& picture);

/// A row after filtering.
std::vector<double> filtered_row(SampleType type, const std::vector<double>& samples,
                                 const std::vector<Kernel>& kernels,
                                 const FilterSettings& settings);

std::vector<double> filtered_row(SampleType type, const std::vector<double>& samples,
                                 const Kernel& kernel);

/// The same samples in planar order.
Image planar_copy(const Image& picture);

}  // namespace conv::test
