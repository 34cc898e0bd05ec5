#pragma once

#include <cstdint>
#include <vector>

#include "kernels/builtin.hpp"
#include "kernels/kernel.hpp"

namespace conv {

/// The largest side of a built-in kernel: 17 million weights, 134 MB.
inline constexpr double kLargestBuiltinSize = 4095;

/// A kernel of R x S values.
Kernel kernel_2d(std::int64_t R, std::int64_t S, std::vector<double> values);

/// `size` samples of exp(-x^2 / (2 sigma^2)) around (size-1)/2, divided by their sum.
std::vector<double> gaussian_samples(std::int64_t size, double sigma);

/// 2 ceil(reach * sigma) + 1.
std::int64_t size_for(double sigma, double reach);

/// g(y) g(x) with g = gaussian_samples: sums to 1. The automatic size reaches 3 sigma, which holds
/// 99.7 % of the bell along each axis.
std::vector<Kernel> make_gaussian(const BuiltinArguments& a);
/// 1 / (width * height) in every cell.
std::vector<Kernel> make_box(const BuiltinArguments& a);
/// The area of each cell that a disk around the central cell's centre covers, divided by the sum.
std::vector<Kernel> make_disk(const BuiltinArguments& a);
/// b(y) b(x) / 4^(size-1) with b a row of Pascal's triangle: sums to 1, the numbers are integers.
std::vector<Kernel> make_binomial(const BuiltinArguments& a);
/// max(0, 1 - distance to a segment of length-1 through the centre), divided by the sum. The angle
/// is clockwise from +x, rows going down.
std::vector<Kernel> make_motion(const BuiltinArguments& a);
/// The 1 x 1 kernel 1.
std::vector<Kernel> make_identity(const BuiltinArguments& a);
/// A single 1 that moves the picture x columns to the right and y rows down.
std::vector<Kernel> make_shift(const BuiltinArguments& a);

}  // namespace conv
