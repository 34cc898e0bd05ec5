#pragma once

#include <vector>

#include "kernels/builtin.hpp"

namespace conv {

/// The value of a direction parameter that asks for every direction, as so many kernels.
inline constexpr double kAllDirections = -1;

// Directional kernels answer positively where brightness increases in that direction, which is
// given in degrees clockwise from +x (rows go down, so y and s are 90), in steps of 45: the 3x3
// ring of the kernel for e turned clockwise by as many cells.

/// -1 0 1; -2 0 2; -1 0 1 for x, as cv::getDerivKernels.
std::vector<Kernel> make_sobel(const BuiltinArguments& a);
/// -3 0 3; -10 0 10; -3 0 3 for x.
std::vector<Kernel> make_scharr(const BuiltinArguments& a);
/// -1 0 1; -1 0 1; -1 0 1 for x.
std::vector<Kernel> make_prewitt(const BuiltinArguments& a);
/// -3 -3 5; -3 0 5; -3 -3 5 for e.
std::vector<Kernel> make_kirsch(const BuiltinArguments& a);
/// -1 0 1; -2 0 2; -1 0 1 for e.
std::vector<Kernel> make_robinson(const BuiltinArguments& a);
/// 1 0; 0 -1 for nw and 0 1; -1 0 for ne; se and sw are their negatives.
std::vector<Kernel> make_roberts(const BuiltinArguments& a);
/// identity + sobel: -2 -1 0; -1 1 1; 0 1 2 for se.
std::vector<Kernel> make_emboss(const BuiltinArguments& a);
/// The sum of the 4 or 8 neighbours less as many times the centre.
std::vector<Kernel> make_laplacian(const BuiltinArguments& a);
/// identity - amount * laplacian: sums to 1.
std::vector<Kernel> make_sharpen(const BuiltinArguments& a);
/// (1 + amount) * identity - amount * gaussian(sigma, size): sums to 1.
std::vector<Kernel> make_unsharp(const BuiltinArguments& a);
/// ((x^2+y^2)/sigma^2 - 2) / sigma^2 * gaussian, less the multiple of the gaussian that makes the
/// sum 0; the sum of the doubles is exactly 0. The automatic size reaches 4 sigma.
std::vector<Kernel> make_log(const BuiltinArguments& a);
/// gaussian(sigma) - gaussian(sigma2), sigma2 = ratio * sigma unless given: the sum of the doubles
/// is exactly 0. The automatic size reaches 3 times the larger sigma.
std::vector<Kernel> make_dog(const BuiltinArguments& a);
/// exp(-(u^2 + gamma^2 v^2) / (2 sigma^2)) * cos(2 pi u / wavelength + psi), (u, v) the cell turned
/// by theta; numbers and automatic size (3 sigma) as cv::getGaborKernel.
std::vector<Kernel> make_gabor(const BuiltinArguments& a);
/// `count` gabor kernels with theta = 180 * i / count degrees.
std::vector<Kernel> make_gabor_bank(const BuiltinArguments& a);

}  // namespace conv
