#include "files/formats/png/png_metadata.hpp"

#include <zlib.h>

#include <algorithm>
#include <cmath>

#include "files/exif.hpp"
#include "files/formats/png/png_text.hpp"
#include "files/photoshop_resources.hpp"

namespace conv {
namespace {

constexpr double kInchesPerMetre = 39.3700787;
constexpr std::string_view kXmpKeyword = "XML:com.adobe.xmp";
constexpr std::string_view kRawProfile = "Raw profile type ";
constexpr std::string_view kExifPrefix("Exif\0\0", 6);

std::uint32_t number(ByteView data, std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | data[at + i];
    return value;
}

void put(std::vector<std::uint8_t>& out, std::uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void lose(PngContents& contents, std::string_view type, std::string_view why) {
    contents.metadata.losses.push_back(fmt::format("PNG chunk {} {}: left out", type, why));
}

/// A profile after its name, a zero and the method 0.
void note_profile(ByteView data, PngContents& contents) {
    const auto zero = std::find(data.begin(), data.end(), std::uint8_t{0});
    const auto start = static_cast<std::size_t>(zero - data.begin()) + 2;
    const auto profile = start < data.size() ? inflated(data.subspan(start)) : std::nullopt;
    if (!profile) return lose(contents, "iCCP", "is damaged");
    contents.metadata.icc_profile = *profile;
}

void note_resolution(ByteView data, Metadata& metadata) {
    if (data.size() != 9) return;
    const bool metre = data[8] == 1;
    metadata.resolution_unit = metre ? ResolutionUnit::inch : ResolutionUnit::none;
    const double unit = metre ? kInchesPerMetre : 1;
    metadata.x_per_inch = number(data, 0, 4) / unit;
    metadata.y_per_inch = number(data, 4, 4) / unit;
}

bool note_colour(std::string_view type, ByteView data, ColourTags& colour) {
    if (type == "gAMA" && data.size() == 4) {
        colour.gamma = number(data, 0, 4);
    } else if (type == "cHRM" && data.size() == 32) {
        colour.chromaticities.emplace();
        for (std::size_t i = 0; i < 8; ++i) (*colour.chromaticities)[i] = number(data, 4 * i, 4);
    } else if (type == "sRGB" && data.size() == 1) {
        colour.srgb_intent = data[0];
    } else if (type == "cICP" && data.size() == 4) {
        colour.cicp.emplace();
        std::copy(data.begin(), data.end(), colour.cicp->begin());
    } else {
        return false;
    }
    return true;
}

/// Profiles that older writers keep in text chunks, as hexadecimal digits.
bool note_raw_profile(const TextEntry& entry, Metadata& metadata) {
    if (!entry.keyword.starts_with(kRawProfile)) return false;
    const std::string kind = entry.keyword.substr(kRawProfile.size());
    std::vector<std::uint8_t> profile = raw_profile(entry.text);
    const std::string_view photoshop("Photoshop 3.0\0", 14);
    if (kind == "iptc" || kind == "8bim") {
        const ByteView blocks =
            ByteView(profile).subspan(starts_with(profile, photoshop) ? photoshop.size() : 0);
        metadata.iptc = starts_with(blocks, "8BIM")
                            ? parse_photoshop_resources(blocks).iptc
                            : std::vector<std::uint8_t>(blocks.begin(), blocks.end());
        return true;
    }
    if ((kind == "exif" || kind == "APP1") && starts_with(profile, kExifPrefix)) {
        if (metadata.exif.empty()) metadata.exif.assign(profile.begin() + 6, profile.end());
        return true;
    }
    if (kind == "xmp") {
        if (metadata.xmp.empty()) metadata.xmp = std::move(profile);
        return true;
    }
    return false;
}

void note_text(std::string_view type, ByteView data, PngContents& contents) {
    Metadata& metadata = contents.metadata;
    auto entry = parse_png_text(type, data);
    if (!entry) return lose(contents, type, "is damaged or too large");
    if (entry->keyword == kXmpKeyword)
        metadata.xmp.assign(entry->text.begin(), entry->text.end());
    else if (!note_raw_profile(*entry, metadata))
        metadata.texts.push_back(std::move(*entry));
}

/// The background as red, green, blue of 16 bits, whatever the file's samples are.
void note_background(ByteView data, PngContents& contents) {
    const PngHeader& header = contents.header;
    std::vector<std::uint32_t> samples;
    if (header.colour_type == kPngPalette) {
        const std::size_t at = data.empty() ? 0 : std::size_t{data[0]} * 3;
        if (data.size() != 1 || at + 3 > contents.palette.size()) return;
        for (std::size_t i = 0; i < 3; ++i) samples.push_back(contents.palette[at + i] * 257U);
    } else {
        const std::size_t count =
            header.colour_type == kPngGrey || header.colour_type == kPngGreyAlpha ? 1 : 3;
        if (data.size() != 2 * count) return;
        const std::uint32_t largest = (1U << header.depth) - 1;
        for (std::size_t i = 0; i < 3; ++i) {
            const std::uint32_t sample = number(data, 2 * (i % count), 2) & largest;
            samples.push_back(sample * 65535U / largest);
        }
    }
    FormatBlock block{"png", "bKGD", {}, false};
    for (const std::uint32_t sample : samples) put(block.data, sample, 2);
    contents.metadata.blocks.push_back(std::move(block));
}

void note_significant_bits(ByteView data, PngContents& contents) {
    const int full = contents.header.colour_type == kPngPalette ? 8 : contents.header.depth;
    const bool says_less =
        std::any_of(data.begin(), data.end(), [&](std::uint8_t bits) { return bits < full; });
    if (says_less) lose(contents, "sBIT", "does not fit filtered samples");
}

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
    return std::find(types.begin(), types.end(), type) != types.end();
}

/// Chunks that may be copied whatever becomes of the samples: the specification says so in the
/// case of the last letter; those of HDR displays are of later editions.
bool is_safe_to_copy(std::string_view type) {
    return (type[3] >= 'a' && type[3] <= 'z') || is_one_of(type, {"tIME", "mDCV", "cLLI"});
}

void put_chunk(std::vector<std::uint8_t>& out, std::string_view type, ByteView data) {
    const std::vector<std::uint8_t> chunk = png_chunk(type, data);
    out.insert(out.end(), chunk.begin(), chunk.end());
}

void put_colour(const Metadata& metadata, std::vector<std::uint8_t>& out) {
    const ColourTags& colour = metadata.colour;
    if (colour.cicp) put_chunk(out, "cICP", *colour.cicp);
    if (!metadata.icc_profile.empty()) {
        constexpr std::string_view kNameAndMethod("ICC profile\0\0", 13);
        std::vector<std::uint8_t> data(kNameAndMethod.begin(), kNameAndMethod.end());
        const std::vector<std::uint8_t> packed = deflated(metadata.icc_profile);
        data.insert(data.end(), packed.begin(), packed.end());
        put_chunk(out, "iCCP", data);
    } else if (colour.srgb_intent) {
        put_chunk(out, "sRGB", {&*colour.srgb_intent, 1});
    }
    std::vector<std::uint8_t> data;
    if (colour.gamma) {
        put(data, *colour.gamma, 4);
        put_chunk(out, "gAMA", data);
    }
    data.clear();
    if (colour.chromaticities) {
        for (const std::uint32_t value : *colour.chromaticities) put(data, value, 4);
        put_chunk(out, "cHRM", data);
    }
}

void put_resolution(const Metadata& metadata, std::vector<std::uint8_t>& out) {
    if (metadata.x_per_inch <= 0 || metadata.y_per_inch <= 0) return;
    const bool metre = metadata.has_resolution();
    std::vector<std::uint8_t> data;
    for (const double per_inch : {metadata.x_per_inch, metadata.y_per_inch}) {
        const double dots = std::clamp(metre ? per_inch * kInchesPerMetre : per_inch, 1.0, 2e9);
        put(data, static_cast<std::uint32_t>(std::llround(dots)), 4);
    }
    data.push_back(metre ? 1 : 0);
    put_chunk(out, "pHYs", data);
}

void put_texts(const Metadata& metadata, std::vector<std::uint8_t>& out) {
    std::vector<TextEntry> texts = metadata.texts;
    if (!metadata.xmp.empty())
        texts.push_back(
            {std::string(kXmpKeyword), {metadata.xmp.begin(), metadata.xmp.end()}, "", "", false});
    if (!metadata.iptc.empty()) {
        texts.push_back({std::string(kRawProfile) + "iptc",
                         raw_profile_text("iptc", iptc_resource(metadata.iptc)), "", "", true});
    }
    for (const TextEntry& text : texts) {
        std::string_view type;
        const std::vector<std::uint8_t> data = png_text(text, type);
        put_chunk(out, type, data);
    }
}

void put_block(const FormatBlock& block, const PictureInfo& picture,
               std::vector<std::uint8_t>& out) {
    if (block.name != "bKGD") return put_chunk(out, block.name, block.data);
    const bool grey = picture.shape.C < 3;
    std::vector<std::uint8_t> data;
    for (std::size_t i = 0; i < (grey ? 1U : 3U); ++i) {
        const std::uint32_t sample = number(block.data, 2 * i, 2);
        put(data, picture.type == SampleType::u8 ? sample / 257 : sample, 2);
    }
    put_chunk(out, "bKGD", data);
}

void put_exif(const Metadata& metadata, const PictureInfo& picture,
              std::vector<std::uint8_t>& out) {
    if (metadata.exif.empty()) return;
    std::vector<std::uint8_t> exif = metadata.exif;
    set_exif_size(exif, picture.shape.W, picture.shape.H);
    put_chunk(out, "eXIf", exif);
}

void put_blocks(const Metadata& metadata, const PictureInfo& picture, bool after_samples,
                std::vector<std::uint8_t>& out) {
    for (const FormatBlock& block : metadata.blocks) {
        if (block.format == "png" && block.after_samples == after_samples)
            put_block(block, picture, out);
    }
}

}  // namespace

void note_png_chunk(std::string_view type, ByteView data, PngContents& contents) {
    Metadata& metadata = contents.metadata;
    if (type == "iCCP") return note_profile(data, contents);
    if (type == "eXIf") return metadata.exif.assign(data.begin(), data.end());
    if (type == "pHYs") return note_resolution(data, metadata);
    if (is_one_of(type, {"tEXt", "zTXt", "iTXt"})) return note_text(type, data, contents);
    if (type == "bKGD") return note_background(data, contents);
    if (type == "sBIT") return note_significant_bits(data, contents);
    // Of an animation of one picture; how the samples were packed.
    if (is_one_of(type, {"fcTL", "fdAT", "iDOT"})) return;
    if (note_colour(type, data, metadata.colour)) return;
    if (!is_safe_to_copy(type)) return lose(contents, type, "may not fit filtered samples");
    metadata.blocks.push_back(
        {"png", std::string(type), {data.begin(), data.end()}, contents.has_samples});
}

std::vector<std::uint8_t> png_chunk(std::string_view type, ByteView data) {
    std::vector<std::uint8_t> chunk;
    chunk.reserve(data.size() + 12);
    put(chunk, static_cast<std::uint32_t>(data.size()), 4);
    chunk.insert(chunk.end(), type.begin(), type.end());
    chunk.insert(chunk.end(), data.begin(), data.end());
    put(chunk, static_cast<std::uint32_t>(crc32_z(0, chunk.data() + 4, chunk.size() - 4)), 4);
    return chunk;
}

std::vector<std::uint8_t> png_metadata_chunks(const Metadata& metadata,
                                              const PictureInfo& picture) {
    std::vector<std::uint8_t> out;
    put_colour(metadata, out);
    put_resolution(metadata, out);
    put_exif(metadata, picture, out);
    put_texts(metadata, out);
    put_blocks(metadata, picture, false, out);
    return out;
}

std::vector<std::uint8_t> png_late_chunks(const Metadata& metadata, const PictureInfo& picture) {
    std::vector<std::uint8_t> out;
    put_blocks(metadata, picture, true, out);
    if (!metadata.late) return out;
    put_exif(*metadata.late, picture, out);
    put_texts(*metadata.late, out);
    put_blocks(*metadata.late, picture, true, out);
    return out;
}

}  // namespace conv
