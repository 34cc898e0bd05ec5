#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace conv {

/// Types of TIFF 6.0 and BigTIFF, by their numbers in files.
enum class TiffType : std::uint16_t {
    byte = 1,
    ascii,
    short16,
    long32,
    rational,
    sbyte,
    undefined,
    sshort,
    slong,
    srational,
    float32,
    float64,
    ifd,
    long64 = 16,
    slong64,
    ifd64,
};

/// Bytes of one value; 0 for a number that names no type.
std::int64_t tiff_type_bytes(TiffType type);

/// The values of one tag.
struct TiffField {
    TiffType type = TiffType::undefined;
    std::int64_t count = 0;
    std::vector<std::uint8_t> bytes;  ///< in this machine's order

    /// Values as numbers; rationals are divided. Empty for text and undefined bytes.
    std::vector<double> numbers() const;
    /// The first value, where it is one whole number that is not negative.
    std::optional<std::uint64_t> whole_number() const;
    /// Without the zero byte that ends it.
    std::string text() const;

    static TiffField of_text(const std::string& text);
    static TiffField of_doubles(const std::vector<double>& values);
    static TiffField of_shorts(const std::vector<std::uint16_t>& values);
    static TiffField of_longs(const std::vector<std::uint32_t>& values);
    /// BigTIFF's 64-bit numbers.
    static TiffField of_longs64(const std::vector<std::uint64_t>& values);
    /// An unsigned rational next to `value`, which is not negative.
    static TiffField of_rational(double value);
    static TiffField of_bytes(std::vector<std::uint8_t> bytes, TiffType type);
};

using TiffFields = std::map<std::uint16_t, TiffField>;

/// What a TIFF page holds besides its samples, ICC profile, XMP, IPTC and EXIF directories, which
/// Metadata has.
struct TiffTags {
    std::int64_t width = 0, height = 0, channels = 0;  ///< that the tags were written for
    std::int64_t pages = 1;
    TiffFields fields;

    /// "GeoTIFF, tag 65000": what of it no EXIF block holds; empty where that is nothing.
    std::string names_beside_exif() const;

    /// GDAL's value of samples that do not count (tag 42113) as the file spells it.
    std::optional<std::string> nodata_text() const;
    /// The same as a number: "nan" is NaN. Absent where the text is no number.
    std::optional<double> nodata() const;
};

}  // namespace conv
