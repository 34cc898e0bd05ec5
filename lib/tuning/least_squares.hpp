#pragma once

#include <vector>

namespace conv {

/// Rows of coefficients, one for each equation.
using Coefficients = std::vector<std::vector<double>>;

/// The factors x near 1 that make every equation's sum of coefficients[j][i] *
/// x[i] nearest to 1: the least sum over j of (sum over i - 1)^2 plus
/// `stiffness` * (x[i] - 1)^2, and no x below `least`.
std::vector<double> fit_factors(const Coefficients& coefficients, double stiffness, double least);

}  // namespace conv
