#include "files/formats/tiff/image_description.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>

#include "files/formats/tiff/tag_fates.hpp"

namespace conv {
namespace {

bool has_same_shape(const TiffTags& tags, const TiffTarget& target) {
    const Shape& shape = target.picture.shape;
    return tags.width == shape.W && tags.height == shape.H && tags.channels == shape.C &&
           tags.pages == target.pages;
}

std::optional<double> number_in(std::string_view text) {
    double value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// One line `key=value` of ImageJ for the result; nothing for one that goes.
std::optional<std::string> imagej_line(std::string_view key, std::string_view value,
                                       const TiffTags& tags, const TiffTarget& target) {
    const std::string line = fmt::format("{}={}", key, value);
    const bool counts_pages = key == "images" || key == "slices" || key == "frames" ||
                              key == "channels" || key == "hyperstack" || key == "mode" ||
                              key == "loop";
    if (counts_pages && tags.pages != target.pages) return std::nullopt;
    const std::optional<double> number = number_in(value);
    const SampleGrid& grid = target.grid;
    // The origin is a pixel position, counted from corners.
    if (number && key == "xorigin") {
        return fmt::format("{}={}", key, (*number - grid.offset_x) / grid.scale_x);
    }
    if (number && key == "yorigin") {
        return fmt::format("{}={}", key, (*number - grid.offset_y) / grid.scale_y);
    }
    return line;
}

std::string adapted_imagej(const std::string& text, const TiffTags& tags,
                           const TiffTarget& target) {
    std::string adapted;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = std::string_view(text).substr(at, end - at);
        const std::size_t equals = line.find('=');
        std::optional<std::string> kept =
            equals == line.npos
                ? std::optional<std::string>(line)
                : imagej_line(line.substr(0, equals), line.substr(equals + 1), tags, target);
        if (kept) adapted += *kept + (end < text.size() ? "\n" : "");
        at = end + 1;
    }
    return adapted;
}

/// Replaces the value of an attribute of the element that begins at `at`; false where it has none.
bool set_attribute(std::string& xml, std::size_t at, std::string_view name,
                   const std::string& value) {
    const std::size_t end = xml.find('>', at);
    const std::size_t found = xml.find(fmt::format(" {}=\"", name), at);
    if (end == xml.npos || found == xml.npos || found > end) return false;
    const std::size_t begin = found + name.size() + 3, quote = xml.find('"', begin);
    if (quote == xml.npos) return false;
    xml.replace(begin, quote - begin, value);
    return true;
}

void scale_attribute(std::string& xml, std::size_t at, std::string_view name, double scale) {
    const std::string key = fmt::format(" {}=\"", name);
    const std::size_t found = xml.find(key, at), end = xml.find('>', at);
    if (scale == 1 || found == xml.npos || found > end) return;
    const std::size_t begin = found + key.size(), quote = xml.find('"', begin);
    if (quote == xml.npos) return;
    const auto value = number_in(std::string_view(xml).substr(begin, quote - begin));
    if (value) set_attribute(xml, at, name, fmt::format("{}", *value * scale));
}

void remove_attribute(std::string& xml, std::size_t at, std::string_view name) {
    const std::string key = fmt::format(" {}=\"", name);
    const std::size_t found = xml.find(key, at), end = xml.find('>', at);
    if (found == xml.npos || found > end) return;
    const std::size_t quote = xml.find('"', found + key.size());
    if (quote != xml.npos) xml.erase(found, quote + 1 - found);
}

std::string_view ome_type(SampleType type) {
    return type == SampleType::u8 ? "uint8" : type == SampleType::u16 ? "uint16" : "float";
}

/// OME-XML of one picture with its new sizes; nothing where planes come or go, or where it
/// describes several pictures.
std::optional<std::string> adapted_ome(std::string xml, const TiffTags& tags,
                                       const TiffTarget& target) {
    const std::size_t pixels = xml.find("<Pixels ");
    const bool single = pixels != xml.npos && xml.find("<Pixels ", pixels + 1) == xml.npos;
    const Shape& shape = target.picture.shape;
    if (!single || tags.pages != target.pages || tags.channels != shape.C) return std::nullopt;
    const bool stated =
        set_attribute(xml, pixels, "SizeX", fmt::format("{}", shape.W)) &&
        set_attribute(xml, pixels, "SizeY", fmt::format("{}", shape.H)) &&
        set_attribute(xml, pixels, "Type", std::string(ome_type(target.picture.type)));
    if (!stated) return std::nullopt;
    remove_attribute(xml, pixels, "SignificantBits");
    scale_attribute(xml, pixels, "PhysicalSizeX", target.grid.scale_x);
    scale_attribute(xml, pixels, "PhysicalSizeY", target.grid.scale_y);
    return xml;
}

}  // namespace

void adapt_description(const TiffTags& tags, const TiffTarget& target, TiffFields& fields,
                       std::vector<std::string>& lost) {
    const auto field = fields.find(kTagImageDescription);
    if (field == fields.end() || field->second.type != TiffType::ascii) return;
    const std::string text = field->second.text();
    if (text.starts_with("ImageJ=")) {
        field->second = TiffField::of_text(adapted_imagej(text, tags, target));
    } else if (text.find("<OME ") != text.npos && text.find("<Pixels ") != text.npos) {
        const std::optional<std::string> adapted = adapted_ome(text, tags, target);
        if (adapted) {
            field->second = TiffField::of_text(*adapted);
        } else {
            fields.erase(field);
            lost.emplace_back("the OME-XML description of other sizes");
        }
    } else if (text.starts_with("{\"shape\":") && !has_same_shape(tags, target)) {
        fields.erase(field);
        lost.emplace_back("tifffile's description of another shape");
    }
}

}  // namespace conv
