#include "drawing/axis.hpp"

#include <algorithm>
#include <cmath>

namespace conv {
namespace {

/// Steps of 1, 2 or 5 times a power of ten that cut a length into about five.
double round_step(double length) {
    const double power = std::pow(10, std::floor(std::log10(length / 5)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (length / (power * factor) <= 6) return power * factor;
    }
    return power * 10;
}

}  // namespace

Axis::Axis(const std::vector<double>& values) {
    double least = 0, most = 0;
    for (const double value : values) {
        if (value <= 0) continue;
        least = least > 0 ? std::min(least, value) : value;
        most = std::max(most, value);
    }
    if (most <= 0) return;
    logarithmic_ = most / least > kLongestLinear;
    if (logarithmic_) {
        first_ = std::pow(10, std::floor(std::log10(least * 0.7)));
        last_ = most * std::pow(most / first_, 0.08);
    } else {
        last_ = most * 1.08;
    }
}

Axis Axis::tight_logarithmic(const std::vector<double>& values) {
    Axis axis;
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    axis.logarithmic_ = true;
    const double margin = std::pow(std::max(*most / *least, 1.5), 0.05);
    axis.first_ = *least / margin;
    axis.last_ = *most * margin;
    return axis;
}

double Axis::place(double value) const {
    if (!logarithmic_) return std::clamp((value - first_) / (last_ - first_), 0.0, 1.0);
    if (value <= first_) return 0;
    return std::min(std::log(value / first_) / std::log(last_ / first_), 1.0);
}

std::vector<double> Axis::ticks() const {
    std::vector<double> marks;
    if (!logarithmic_) {
        const double step = round_step(last_ - first_);
        for (int i = 0; i * step <= last_; ++i) marks.push_back(i * step);
        return marks;
    }
    // Powers of ten alone over many decades, between them 2 and 5 over few.
    const bool few = last_ / first_ < 1500;
    const double slack = 1 + 1e-9;
    const auto exponent_of = [](double value) {
        return static_cast<int>(std::floor(std::log10(value)));
    };
    for (int exponent = exponent_of(first_); exponent <= exponent_of(last_); ++exponent) {
        const double power = std::pow(10, exponent);
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double mark = power * factor;
            if ((factor == 1.0 || few) && mark * slack >= first_ && mark <= last_ * slack)
                marks.push_back(mark);
        }
    }
    return marks;
}

}  // namespace conv
