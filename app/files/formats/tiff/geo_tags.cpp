#include "files/formats/tiff/geo_tags.hpp"

#include "files/formats/tiff/tag_fates.hpp"

namespace conv {
namespace {

/// Raster position `out` of the result is position out * scale + shift of the input.
struct Axis {
    double scale = 1, shift = 0;
    double inverse(double in) const { return (in - shift) / scale; }
};

/// GTRasterTypeGeoKey: whether whole positions are the centres of pixels, not their corners.
bool counts_from_centres(const TiffFields& fields) {
    constexpr double kRasterType = 1025, kPixelIsPoint = 2;
    const auto field = fields.find(kTagGeoKeys);
    if (field == fields.end()) return false;
    const std::vector<double> keys = field->second.numbers();
    for (std::size_t i = 4; i + 3 < keys.size(); i += 4) {
        if (keys[i] == kRasterType) return keys[i + 3] == kPixelIsPoint;
    }
    return false;
}

Axis axis_of(double scale, double offset, bool centres) {
    return {scale, centres ? offset : offset + (1 - scale) / 2};
}

std::vector<double> numbers_of(const TiffFields& fields, std::uint16_t tag) {
    const auto field = fields.find(tag);
    return field == fields.end() ? std::vector<double>() : field->second.numbers();
}

/// One tie point with a pixel scale keeps its place in the raster and moves on the ground, which
/// is exact for scales and offsets of short decimal numbers; several move in the raster.
void adapt_tie_points(const Axis& x, const Axis& y, TiffFields& fields) {
    std::vector<double> points = numbers_of(fields, kTagModelTiepoint);
    std::vector<double> scale = numbers_of(fields, kTagModelPixelScale);
    constexpr std::size_t kNumbers = 6;  // I, J, K in the raster, X, Y, Z on the ground
    if (points.size() == kNumbers && scale.size() >= 2) {
        points[3] += (points[0] * (x.scale - 1) + x.shift) * scale[0];
        points[4] -= (points[1] * (y.scale - 1) + y.shift) * scale[1];
    } else {
        for (std::size_t i = 0; i + kNumbers <= points.size(); i += kNumbers) {
            points[i] = x.inverse(points[i]);
            points[i + 1] = y.inverse(points[i + 1]);
        }
    }
    if (!points.empty()) fields[kTagModelTiepoint] = TiffField::of_doubles(points);
    if (scale.size() < 2) return;
    scale[0] *= x.scale;
    scale[1] *= y.scale;
    fields[kTagModelPixelScale] = TiffField::of_doubles(scale);
}

/// The matrix M of ground = M * raster, row by row: raster = out * scale + shift goes into it.
void adapt_transformation(const Axis& x, const Axis& y, TiffFields& fields) {
    std::vector<double> matrix = numbers_of(fields, kTagModelTransformation);
    if (matrix.size() != 16) return;
    for (std::size_t row = 0; row < 4; ++row) {
        double* m = &matrix[4 * row];
        m[3] += m[0] * x.shift + m[1] * y.shift;
        m[0] *= x.scale;
        m[1] *= y.scale;
    }
    fields[kTagModelTransformation] = TiffField::of_doubles(matrix);
}

/// Line and sample of the polynomials are (theirs - offset) / scale, counted from centres.
void adapt_polynomials(const SampleGrid& grid, TiffFields& fields) {
    std::vector<double> values = numbers_of(fields, kTagRpcCoefficients);
    constexpr std::size_t kLineOffset = 2, kSampleOffset = 3, kLineScale = 7, kSampleScale = 8;
    if (values.size() <= kSampleScale) return;
    values[kLineOffset] = (values[kLineOffset] - grid.offset_y) / grid.scale_y;
    values[kSampleOffset] = (values[kSampleOffset] - grid.offset_x) / grid.scale_x;
    values[kLineScale] /= grid.scale_y;
    values[kSampleScale] /= grid.scale_x;
    fields[kTagRpcCoefficients] = TiffField::of_doubles(values);
}

}  // namespace

void adapt_geo_tags(const SampleGrid& grid, TiffFields& fields) {
    if (grid == SampleGrid()) return;
    const bool centres = counts_from_centres(fields);
    const Axis x = axis_of(grid.scale_x, grid.offset_x, centres);
    const Axis y = axis_of(grid.scale_y, grid.offset_y, centres);
    adapt_tie_points(x, y, fields);
    adapt_transformation(x, y, fields);
    adapt_polynomials(grid, fields);
}

void adapt_gdal_metadata(TiffFields& fields, std::vector<std::string>& lost) {
    const auto field = fields.find(kTagGdalMetadata);
    if (field == fields.end()) return;
    std::string text = field->second.text();
    constexpr std::string_view kItem = "<Item name=\"STATISTICS_", kEnd = "</Item>";
    bool removed = false;
    for (std::size_t at = text.find(kItem); at != text.npos; at = text.find(kItem, at)) {
        std::size_t end = text.find(kEnd, at);
        if (end == text.npos) break;
        end += kEnd.size();
        const std::size_t line = text.find_last_not_of(" \t", at == 0 ? 0 : at - 1);
        const bool own_line = line != text.npos && text[line] == '\n' && text[end] == '\n';
        text.erase(own_line ? line + 1 : at, own_line ? end - line : end - at);
        at = own_line ? line : at;
        removed = true;
    }
    if (!removed) return;
    field->second = TiffField::of_text(text);
    lost.emplace_back("GDAL's statistics of the samples");
}

}  // namespace conv
