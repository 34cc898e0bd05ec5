#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tensor/sample_type.hpp"

namespace conv {

/// How coded samples X in [0, 1] become linear light Y:
///   Y = (a X + b)^g where X >= d, c X elsewhere;   negative numbers as -Y(-X).
/// sRGB, a plain gamma (a = 1, b = c = d = 0) and the parametric curves of ICC profiles are of this
/// form (IEC 61966-2-1; ICC.1, parametricCurveType 0 to 3).
struct CurveFormula {
    double g = 1, a = 1, b = 0, c = 0, d = 0;

    double linear(double coded) const;
    double coded(double linear) const;
};

CurveFormula srgb_curve();
CurveFormula gamma_curve(double gamma);

/// A curve made ready for samples in some type's units, where white stays what it is: 255 is 255 in
/// linear light. 8- and 16-bit samples go through tables, back through one with straight lines
/// between its 65,537 points: identity is the identity for every sample. Thread-safe.
class TransferCurve {
public:
    /// `units` says what white is: 255, 65535 or 1.
    TransferCurve(const CurveFormula& formula, SampleType units, std::string name);

    float to_linear(float sample) const;
    float to_coded(float light) const;
    /// "sRGB", "gamma 2.2"
    const std::string& name() const { return name_; }

private:
    CurveFormula formula_;
    double white_;
    std::string name_;
    std::vector<float> linear_;  ///< of every whole sample; empty for floats
    std::vector<float> coded_;   ///< of light i / 65536 of white; empty for floats
};

}  // namespace conv
