#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "files/sample_coding.hpp"
#include "files/tiff_tags.hpp"

namespace conv {

/// What the numbers of a resolution count pixels by.
enum class ResolutionUnit {
    none,  ///< only the ratio of the two numbers means something
    inch,
    centimetre
};

/// Text that belongs to a picture, in UTF-8.
struct TextEntry {
    std::string keyword;  ///< as PNG names them: "Title", "Author", ...; a JPEG comment: "Comment"
    std::string text;
    std::string language, translated_keyword;  ///< of PNG's international text, else empty
    bool compressed = false;                   ///< as it was stored, or is to be
};

/// What a PNG says about the colours that its samples stand for, besides an ICC profile.
struct ColourTags {
    std::optional<std::uint32_t> gamma;                          ///< gAMA: exponent x 100000
    std::optional<std::array<std::uint32_t, 8>> chromaticities;  ///< cHRM: x 100000, white first
    std::optional<std::uint8_t> srgb_intent;                     ///< sRGB
    std::optional<std::array<std::uint8_t, 4>> cicp;             ///< cICP

    bool empty() const { return !gamma && !chromaticities && !srgb_intent && !cicp; }
};

/// A block that only its own format has a place for, kept byte for byte: a PNG chunk, a JPEG
/// segment.
struct FormatBlock {
    std::string format;  ///< as FileFormat names it
    std::string name;    ///< "oFFs", "APP12"
    std::vector<std::uint8_t> data;
    bool after_samples = false;
};

/// Where the pixels of a result lie in the picture that its metadata describe: pixel (x, y) has its
/// centre on that of pixel (offset_x + x * scale_x, offset_y + y * scale_y).
struct SampleGrid {
    double scale_x = 1, scale_y = 1, offset_x = 0, offset_y = 0;
    bool operator==(const SampleGrid&) const = default;
};

/// What travels with a picture besides its samples.
struct Metadata {
    std::vector<std::uint8_t> icc_profile;
    std::vector<std::uint8_t> exif;  ///< an EXIF block: a TIFF header and its directories
    std::vector<std::uint8_t> xmp;   ///< an XMP packet, the extended part merged into it or apart
    std::vector<std::uint8_t> iptc;  ///< IPTC-IIM records, as TIFF's tag 33723 holds them
    std::vector<TextEntry> texts;
    ColourTags colour;
    std::vector<FormatBlock> blocks;
    std::vector<std::string> losses;       ///< what reading has left out, in words that end a note
    std::shared_ptr<const TiffTags> tiff;  ///< of the input's page, where it was a TIFF
    double x_per_inch = 0;                 ///< resolution; 0: not stated
    double y_per_inch = 0;
    ResolutionUnit resolution_unit = ResolutionUnit::inch;  ///< as it was written
    SampleCoding coding;
    SampleGrid grid;  ///< of the picture, in the one that this describes
    /// What follows the samples of an input that cannot seek; filled in when its rows are finished,
    /// which is before the output's are. Null where there is nothing to come.
    std::shared_ptr<Metadata> late;

    bool has_resolution() const {
        return x_per_inch > 0 && y_per_inch > 0 && resolution_unit != ResolutionUnit::none;
    }
    /// What is worth a note where it is lost; a resolution is not.
    bool has_blocks() const {
        return !icc_profile.empty() || !exif.empty() || !xmp.empty() || !iptc.empty() ||
               !texts.empty() || !colour.empty() || !blocks.empty();
    }
    bool empty() const { return !has_blocks() && !has_resolution(); }
    /// What `--metadata strip` leaves: how the samples were encoded.
    Metadata stripped() const;
};

/// What a format can hold of a picture's metadata. Its own FormatBlocks are held always.
struct MetadataHolds {
    bool icc_profile = false, exif = false, xmp = false, iptc = false;
    bool comments = false;  ///< texts whose keyword is "Comment"
    bool texts = false;     ///< all texts
    bool colour = false;    ///< ColourTags
};

/// Appends one line that names what `metadata` has and `holds` does not, as "JPEG carries no XMP,
/// text (Title, Author): left out", and the losses of reading; nothing where nothing is lost.
void note_not_carried(const Metadata& metadata, std::string_view format, const MetadataHolds& holds,
                      std::vector<std::string>& notes);

/// Appends a note that is not there yet.
void note_once(std::vector<std::string>& notes, const std::string& note);

/// Appends one line that names what came too late for a format that begins with its metadata.
void note_late(const Metadata& metadata, std::string_view format, std::vector<std::string>& notes);

/// "RGB ", "GRAY", "CMYK": the colour space that an ICC profile describes; empty if it is none.
std::string icc_colour_space(const std::vector<std::uint8_t>& profile);

}  // namespace conv
