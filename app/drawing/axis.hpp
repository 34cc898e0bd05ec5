#pragma once

#include <string>
#include <vector>

namespace conv {

/// A scale along one side of a chart, linear from 0 or logarithmic.
class Axis {
public:
    /// An axis that holds all values. Logarithmic where the positive ones span more than a factor
    /// of `kLongestLinear`; it then begins at a power of ten below them.
    explicit Axis(const std::vector<double>& values);
    /// A logarithmic axis over exactly the values' span, a little wider at both ends.
    static Axis tight_logarithmic(const std::vector<double>& values);

    /// Where a value stands, 0 at the beginning to 1 at the end; what lies below stands at 0.
    double place(double value) const;
    bool logarithmic() const { return logarithmic_; }
    /// Round values to mark, within the axis.
    std::vector<double> ticks() const;

    static constexpr double kLongestLinear = 20;

private:
    Axis() = default;

    bool logarithmic_ = false;
    double first_ = 0, last_ = 1;
};

}  // namespace conv
