#include "files/formats/jpeg/jpeg_segments.hpp"

#include <algorithm>
#include <map>

#include "files/exif.hpp"
#include "files/photoshop_resources.hpp"

namespace conv {
namespace {

/// Bytes of a segment after its length field, which counts itself.
constexpr std::size_t kLargestSegment = 65533;
constexpr int kApp1 = 0xe1, kApp2 = 0xe2, kApp11 = 0xeb, kApp13 = 0xed, kApp14 = 0xee;
constexpr std::string_view kJfif("JFIF\0", 5), kJfifExtension("JFXX\0", 5);
constexpr std::string_view kExif("Exif\0\0", 6);
constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
constexpr std::string_view kXmpExtension("http://ns.adobe.com/xmp/extension/\0", 35);
constexpr std::string_view kIcc("ICC_PROFILE\0", 12);
constexpr std::string_view kPictures("MPF\0", 4);
constexpr std::string_view kPhotoshop("Photoshop 3.0\0", 14);
constexpr std::size_t kIccHead = kIcc.size() + 2;  // a number from 1 and the count of pieces
/// FormatBlock::name of what goes into segments of a kind of their own.
constexpr std::string_view kExtensionName = "extended XMP", kResourcesName = "Photoshop resources";

/// The pieces of a colour profile by their number.
struct ProfilePieces {
    std::map<int, ByteView> pieces;
    int count = 0;

    void add(ByteView data) {
        count = std::max(count, static_cast<int>(data[kIcc.size() + 1]));
        pieces.emplace(data[kIcc.size()], data.subspan(kIccHead));
    }
    bool is_complete() const {
        return static_cast<int>(pieces.size()) == count && pieces.begin()->first == 1 &&
               pieces.rbegin()->first == count;
    }
    std::vector<std::uint8_t> joined() const {
        std::vector<std::uint8_t> profile;
        for (const auto& [number, piece] : pieces)
            profile.insert(profile.end(), piece.begin(), piece.end());
        return profile;
    }
};

void note_jfif(ByteView data, Metadata& metadata) {
    if (data.size() < 12) return;
    const int unit = data[7];
    const double per_inch = unit == 2 ? 2.54 : 1;
    metadata.resolution_unit = unit == 1   ? ResolutionUnit::inch
                               : unit == 2 ? ResolutionUnit::centimetre
                                           : ResolutionUnit::none;
    metadata.x_per_inch = per_inch * (data[8] * 256 + data[9]);
    metadata.y_per_inch = per_inch * (data[10] * 256 + data[11]);
}

void assign(std::vector<std::uint8_t>& to, ByteView from) {
    to.assign(from.begin(), from.end());
}

void keep_block(Metadata& metadata, std::string name, ByteView data) {
    metadata.blocks.push_back({"jpeg", std::move(name), {data.begin(), data.end()}, false});
}

/// True where the segment is done with.
bool note_app1(ByteView data, Metadata& metadata) {
    if (starts_with(data, kExif)) {
        if (metadata.exif.empty()) assign(metadata.exif, data.subspan(kExif.size()));
        return true;
    }
    if (starts_with(data, kXmp)) {
        if (metadata.xmp.empty()) assign(metadata.xmp, data.subspan(kXmp.size()));
        return true;
    }
    if (!starts_with(data, kXmpExtension)) return false;
    keep_block(metadata, std::string(kExtensionName), data);
    return true;
}

/// What is dropped: the encoder writes its own, or it shows the picture as it was.
bool is_made_anew(int marker, ByteView data) {
    return (marker == kJpegApp0 &&
            (starts_with(data, kJfif) || starts_with(data, kJfifExtension))) ||
           (marker == kApp14 && starts_with(data, "Adobe"));
}

void note_other(const JpegSegment& segment, Metadata& metadata) {
    const ByteView data = segment.data;
    if (segment.marker == kApp2 && starts_with(data, kPictures)) {
        metadata.losses.emplace_back("further pictures in the JPEG (MPF): left out");
    } else if (segment.marker == kApp11 && starts_with(data, "JP")) {
        metadata.losses.emplace_back(
            "JPEG JUMBF (content credentials) fits no other samples: left out");
    } else if (segment.marker == kJpegComment) {
        metadata.texts.push_back({"Comment", {data.begin(), data.end()}, "", "", false});
    } else {
        keep_block(metadata, fmt::format("APP{}", segment.marker - kJpegApp0), data);
    }
}

void split_resources(const std::vector<std::uint8_t>& resources, Metadata& metadata) {
    PhotoshopResources found = parse_photoshop_resources(resources);
    metadata.iptc = std::move(found.iptc);
    if (!found.others.empty()) keep_block(metadata, std::string(kResourcesName), found.others);
}

JpegSegment segment(int marker, std::string_view magic, ByteView data) {
    JpegSegment made{marker, {magic.begin(), magic.end()}};
    made.data.insert(made.data.end(), data.begin(), data.end());
    return made;
}

/// Data that fit one segment alone.
void put_whole(int marker, std::string_view magic, ByteView data,
               std::vector<JpegSegment>& segments, std::vector<std::string>& notes) {
    if (data.empty()) return;
    if (magic.size() + data.size() <= kLargestSegment)
        return segments.push_back(segment(marker, magic, data));
    notes.push_back(fmt::format("JPEG carries at most 64 KiB of {}, the input has more: left out",
                                magic == kExif ? "EXIF" : "XMP"));
}

void put_profile(ByteView profile, std::vector<JpegSegment>& segments,
                 std::vector<std::string>& notes) {
    const std::size_t most = kLargestSegment - kIccHead;
    const std::size_t pieces = (profile.size() + most - 1) / most;
    if (pieces > 255) {
        notes.emplace_back("JPEG carries no colour profile of more than 16 MiB: left out");
        return;
    }
    for (std::size_t i = 0; i < pieces; ++i) {
        const std::string magic =
            std::string(kIcc) + static_cast<char>(i + 1) + static_cast<char>(pieces);
        segments.push_back(segment(
            kApp2, magic, profile.subspan(i * most, std::min(most, profile.size() - i * most))));
    }
}

/// Resources may be cut anywhere: readers join the segments.
void put_resources(const Metadata& metadata, std::vector<JpegSegment>& segments) {
    std::vector<std::uint8_t> resources;
    if (!metadata.iptc.empty()) resources = iptc_resource(metadata.iptc);
    for (const FormatBlock& block : metadata.blocks) {
        if (block.format == "jpeg" && block.name == kResourcesName)
            resources.insert(resources.end(), block.data.begin(), block.data.end());
    }
    const std::size_t most = kLargestSegment - kPhotoshop.size();
    for (std::size_t at = 0; at < resources.size(); at += most) {
        segments.push_back(
            segment(kApp13, kPhotoshop,
                    ByteView(resources).subspan(at, std::min(most, resources.size() - at))));
    }
}

void put_blocks(const Metadata& metadata, std::vector<JpegSegment>& segments) {
    for (const FormatBlock& block : metadata.blocks) {
        if (block.format != "jpeg" || !block.name.starts_with("APP")) continue;
        segments.push_back(segment(kJpegApp0 + std::stoi(block.name.substr(3)), "", block.data));
    }
}

void put_comments(const Metadata& metadata, std::vector<JpegSegment>& segments) {
    for (const TextEntry& entry : metadata.texts) {
        if (entry.keyword != "Comment") continue;
        const ByteView text(reinterpret_cast<const std::uint8_t*>(entry.text.data()),
                            entry.text.size());
        for (std::size_t at = 0; at < text.size(); at += kLargestSegment) {
            segments.push_back(segment(
                kJpegComment, "", text.subspan(at, std::min(kLargestSegment, text.size() - at))));
        }
    }
}

}  // namespace

Metadata metadata_of_segments(const std::vector<JpegSegment>& segments) {
    Metadata metadata;
    ProfilePieces profile;
    std::vector<std::uint8_t> resources;
    for (const JpegSegment& segment : segments) {
        const ByteView data = segment.data;
        if (segment.marker == kJpegApp0 && starts_with(data, kJfif)) note_jfif(data, metadata);
        if (is_made_anew(segment.marker, data)) continue;
        if (segment.marker == kApp1 && note_app1(data, metadata)) continue;
        if (segment.marker == kApp2 && starts_with(data, kIcc) && data.size() > kIccHead) {
            profile.add(data);
        } else if (segment.marker == kApp13 && starts_with(data, kPhotoshop)) {
            const ByteView blocks = data.subspan(kPhotoshop.size());
            resources.insert(resources.end(), blocks.begin(), blocks.end());
        } else {
            note_other(segment, metadata);
        }
    }
    if (!profile.pieces.empty()) {
        if (profile.is_complete())
            metadata.icc_profile = profile.joined();
        else
            metadata.losses.emplace_back("the colour profile lacks a piece: left out");
    }
    split_resources(resources, metadata);
    return metadata;
}

std::vector<JpegSegment> segments_of_metadata(const Metadata& metadata, std::int64_t width,
                                              std::int64_t height,
                                              std::vector<std::string>& notes) {
    std::vector<JpegSegment> segments;
    std::vector<std::uint8_t> exif = metadata.exif;
    set_exif_size(exif, width, height);
    put_whole(kApp1, kExif, exif, segments, notes);
    put_whole(kApp1, kXmp, metadata.xmp, segments, notes);
    for (const FormatBlock& block : metadata.blocks) {
        if (block.format == "jpeg" && block.name == kExtensionName)
            segments.push_back({kApp1, block.data});
    }
    put_profile(metadata.icc_profile, segments, notes);
    put_resources(metadata, segments);
    put_blocks(metadata, segments);
    put_comments(metadata, segments);
    return segments;
}

}  // namespace conv
