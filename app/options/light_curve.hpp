#pragma once

#include <optional>
#include <string>
#include <vector>

#include "files/metadata.hpp"
#include "pipeline/settings.hpp"
#include "tensor/transfer.hpp"

namespace conv {

/// How a picture's samples were coded from light, and who says so.
struct StatedCurve {
    CurveFormula formula;
    std::string name;
};

/// The curve that an ICC profile has for all its colours, where it is a plain one: linear, a gamma,
/// parametric, or a table that is sRGB.
std::optional<CurveFormula> profile_curve(const std::vector<std::uint8_t>& profile);

/// The ICC profile's, else sRGB, else gAMA; sRGB where nothing is stated, or nothing plain.
StatedCurve light_curve(const Metadata& metadata);

/// --linear: has a page of samples `type` decoded, and the results encoded. Throws Error{usage} for
/// float pictures, whose samples are light already.
void set_linear_light(FilterSettings& settings, SampleType type, const Metadata& metadata);

}  // namespace conv
