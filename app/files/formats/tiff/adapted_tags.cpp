#include "files/formats/tiff/adapted_tags.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "files/formats/tiff/geo_tags.hpp"
#include "files/formats/tiff/image_description.hpp"
#include "files/formats/tiff/tag_fates.hpp"

namespace conv {
namespace {

/// Pixels are further apart, or closer together: fewer of them, or more, fill a unit.
void adapt_resolution(TiffFields& fields, const SampleGrid& grid) {
    for (const auto& [tag, scale] :
         {std::pair{kTagXResolution, grid.scale_x}, std::pair{kTagYResolution, grid.scale_y}}) {
        const auto field = fields.find(tag);
        if (field == fields.end() || scale == 1) continue;
        const std::vector<double> values = field->second.numbers();
        if (!values.empty() && std::isfinite(values[0]))
            field->second = TiffField::of_rational(values[0] / scale);
    }
}

/// Where a page lies on its sheet, in units of the resolution.
void adapt_position(const TiffTags& tags, const SampleGrid& grid, TiffFields& fields,
                    std::vector<std::string>& lost) {
    const std::pair<std::uint16_t, std::uint16_t> kAxes[] = {{kTagXPosition, kTagXResolution},
                                                             {kTagYPosition, kTagYResolution}};
    for (const auto& [position, resolution] : kAxes) {
        const double shift = position == kTagXPosition ? grid.offset_x + (1 - grid.scale_x) / 2
                                                       : grid.offset_y + (1 - grid.scale_y) / 2;
        const auto field = fields.find(position);
        const auto density = tags.fields.find(resolution);
        if (field == fields.end() || shift == 0) continue;
        const std::vector<double> at = field->second.numbers();
        const std::vector<double> per_unit =
            density == tags.fields.end() ? std::vector<double>() : density->second.numbers();
        if (!at.empty() && !per_unit.empty() && per_unit[0] > 0 &&
            at[0] + shift / per_unit[0] >= 0) {
            field->second = TiffField::of_rational(at[0] + shift / per_unit[0]);
        } else {
            fields.erase(field);
            lost.push_back(fmt::format("the position of the page (tag {})", position));
        }
    }
}

/// Value and count of a tag that has a number for each sample value or channel.
void drop_other_channels(const TiffTags& tags, const TiffTarget& target, TiffFields& fields,
                         std::vector<std::string>& lost) {
    if (tags.channels == target.picture.shape.C) return;
    constexpr std::array<std::uint16_t, 4> kOfChannels = {301, 318, 319, 336};
    for (const std::uint16_t tag : kOfChannels) {
        if (fields.erase(tag) > 0) lost.push_back(tag_words(tag));
    }
}

void adapt_nodata(const TiffTags& tags, const TiffTarget& target, TiffFields& fields,
                  std::vector<std::string>& lost) {
    const std::optional<double> value = tags.nodata();
    if (!value || target.picture.type == SampleType::f32) return;
    const bool fits = *value == std::floor(*value) && *value >= 0 &&
                      *value <= sample_maximum(target.picture.type);
    if (fits) return;
    fields.erase(kTagGdalNodata);
    lost.push_back(fmt::format("the nodata value {}, which {} samples cannot hold",
                               *tags.nodata_text(), sample_type_name(target.picture.type)));
}

void adapt_page_number(const TiffTags& tags, const TiffTarget& target, TiffFields& fields) {
    if (tags.pages != target.pages) fields.erase(kTagPageNumber);
    const auto kind = fields.find(kTagNewSubfileType);
    if (kind == fields.end()) return;
    constexpr std::uint32_t kPageOfMany = 2;  // the other bits are about pages that are not read
    const std::uint32_t bits =
        static_cast<std::uint32_t>(kind->second.whole_number().value_or(0)) & kPageOfMany;
    kind->second = TiffField::of_longs({bits});
}

}  // namespace

TiffFields adapted_fields(const TiffTags& tags, const TiffTarget& target,
                          std::vector<std::string>& lost) {
    TiffFields fields = tags.fields;
    adapt_position(tags, target.grid, fields, lost);
    adapt_resolution(fields, target.grid);
    adapt_geo_tags(target.grid, fields);
    adapt_gdal_metadata(fields, lost);
    adapt_nodata(tags, target, fields, lost);
    adapt_description(tags, target, fields, lost);
    drop_other_channels(tags, target, fields, lost);
    adapt_page_number(tags, target, fields);
    return fields;
}

}  // namespace conv
