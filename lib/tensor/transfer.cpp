#include "tensor/transfer.hpp"

#include <cmath>

namespace conv {
namespace {

constexpr int kCodedSteps = 65536;

}  // namespace

double CurveFormula::linear(double coded) const {
    if (coded < 0) return -linear(-coded);
    return coded >= d ? std::pow(a * coded + b, g) : c * coded;
}

double CurveFormula::coded(double linear) const {
    if (linear < 0) return -coded(-linear);
    if (d > 0 && linear < c * d) return linear / c;
    return (std::pow(linear, 1 / g) - b) / a;
}

CurveFormula srgb_curve() {
    return {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
}

CurveFormula gamma_curve(double gamma) {
    return {gamma, 1, 0, 0, 0};
}

TransferCurve::TransferCurve(const CurveFormula& formula, SampleType units, std::string name)
    : formula_(formula), white_(sample_maximum(units)), name_(std::move(name)) {
    if (units == SampleType::f32) return;
    for (int i = 0; i <= static_cast<int>(white_); ++i)
        linear_.push_back(static_cast<float>(formula.linear(i / white_) * white_));
    for (int i = 0; i <= kCodedSteps; ++i) {
        const double light = static_cast<double>(i) / kCodedSteps;
        coded_.push_back(static_cast<float>(formula.coded(light) * white_));
    }
}

float TransferCurve::to_linear(float sample) const {
    const bool stored = sample >= 0 && static_cast<double>(sample) <= white_;
    const auto whole = static_cast<std::size_t>(stored ? sample : 0.0F);
    if (!linear_.empty() && static_cast<float>(whole) == sample) return linear_[whole];
    return static_cast<float>(formula_.linear(static_cast<double>(sample) / white_) * white_);
}

float TransferCurve::to_coded(float light) const {
    const double at = static_cast<double>(light) / white_;
    // A curve's steep beginning is no straight line between points.
    constexpr double kSteep = 64.0 / kCodedSteps;
    if (coded_.empty() || !(at >= kSteep && at < 1))
        return static_cast<float>(formula_.coded(at) * white_);
    const double place = at * kCodedSteps;
    const auto below = static_cast<std::size_t>(place);
    const double part = place - static_cast<double>(below);
    const auto first = static_cast<double>(coded_[below]);
    return static_cast<float>(first + part * (static_cast<double>(coded_[below + 1]) - first));
}

}  // namespace conv
