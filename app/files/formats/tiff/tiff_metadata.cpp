#include "files/formats/tiff/tiff_metadata.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "files/formats/tiff/tag_fates.hpp"

namespace conv {
namespace {

/// Tags of a first directory that other formats keep in their EXIF block.
constexpr std::array<std::uint16_t, 8> kAboutPhotograph = {270, 271, 272,   305,
                                                           306, 315, 18246, 33432};

TiffStorage storage_of(const TiffPlace& place, const TiffPage& page) {
    TiffStorage storage;
    storage.compression = page.compression;
    storage.predictor = page.predictor;
    storage.bits = page.form.bits;
    storage.photometric = page.photometric;
    storage.extra_samples = page.extra_samples;
    storage.big_tiff = place.parser.is_big();
    storage.big_endian = place.parser.is_big_endian();
    storage.tiled = page.is_tiled;
    storage.separate_planes = page.separate_planes;
    storage.channels = page.stored_picture().shape.C;
    if (page.is_tiled) {
        storage.tile_width = page.block_width;
        storage.tile_height = page.block_height;
    }
    return storage;
}

/// Reads a directory and those below it. Deeper than files go, or in a circle: left out.
TiffDirectory directory_tree(const DirectoryParser& parser, std::uint64_t offset, int depth) {
    TiffDirectory directory;
    const std::optional<TiffEntries> entries = parser.entries(offset);
    if (!entries) return directory;
    for (const TiffEntry& entry : entries->entries) {
        std::optional<TiffField> field = parser.field(entry);
        if (!field) continue;
        const bool points = entry.tag == kTagExifIfd || entry.tag == kTagGpsIfd ||
                            entry.tag == kTagInteroperabilityIfd;
        if (!points) {
            directory.fields[entry.tag] = std::move(*field);
        } else if (depth > 0) {
            TiffDirectory child =
                directory_tree(parser, field->whole_number().value_or(0), depth - 1);
            if (!child.empty()) directory.children[entry.tag] = std::move(child);
        }
    }
    return directory;
}

void drop_maker_note(TiffDirectory& exif, std::vector<std::string>& lost) {
    const auto photo = exif.children.find(kTagExifIfd);
    if (photo == exif.children.end()) return;
    // Its offsets count from the beginning of a file that it leaves.
    if (photo->second.fields.erase(kTagMakerNote) > 0) lost.push_back(tag_words(kTagMakerNote));
}

std::vector<std::uint8_t> exif_block(const TiffPlace& place, const TiffTags& tags,
                                     std::vector<std::string>& lost) {
    TiffDirectory exif;
    for (const std::uint16_t tag : {kTagExifIfd, kTagGpsIfd}) {
        const std::uint64_t offset = place.parser.number(place.entries, tag, 0);
        if (offset == 0) continue;
        TiffDirectory child = directory_tree(place.parser, offset, 1);
        if (!child.empty()) exif.children[tag] = std::move(child);
    }
    drop_maker_note(exif, lost);
    for (const std::uint16_t tag : kAboutPhotograph) {
        const auto field = tags.fields.find(tag);
        if (field != tags.fields.end()) exif.fields[tag] = field->second;
    }
    if (exif.empty()) return {};
    constexpr std::uint64_t kHeader = 8;
    const DirectoryWriter writer(false, place.parser.is_big_endian());
    std::vector<std::uint8_t> block = writer.header(kHeader);
    const std::vector<std::uint8_t> directories = writer.directory(exif, kHeader);
    block.insert(block.end(), directories.begin(), directories.end());
    return block;
}

void read_fields(const TiffPlace& place, TiffTags& tags, std::vector<std::string>& lost) {
    for (const TiffEntry& entry : place.entries.entries) {
        const TagFate fate = fate_of(entry.tag);
        if (fate == TagFate::lost) lost.push_back(tag_words(entry.tag));
        if (fate != TagFate::carried) continue;
        if (std::optional<TiffField> field = place.parser.field(entry)) {
            tags.fields[entry.tag] = std::move(*field);
        } else {
            lost.push_back(fmt::format("tag {}, which cannot be read", entry.tag));
        }
    }
}

void read_resolution(const TiffFields& fields, Metadata& metadata) {
    const auto value = [&](std::uint16_t tag, double otherwise) {
        const auto field = fields.find(tag);
        const std::vector<double> numbers =
            field == fields.end() ? std::vector<double>() : field->second.numbers();
        return numbers.empty() ? otherwise : numbers[0];
    };
    const double unit = value(kTagResolutionUnit, RESUNIT_INCH);
    const double inches = unit == RESUNIT_CENTIMETER ? 2.54 : 1;
    const double x = value(kTagXResolution, 0), y = value(kTagYResolution, 0);
    if (!(x > 0 && y > 0 && x < 1e9 && y < 1e9)) return;
    metadata.x_per_inch = x * inches;
    metadata.y_per_inch = y * inches;
    metadata.resolution_unit = unit == RESUNIT_CENTIMETER ? ResolutionUnit::centimetre
                               : unit == RESUNIT_NONE     ? ResolutionUnit::none
                                                          : ResolutionUnit::inch;
}

/// Rows and columns are exchanged, and so is what counts along them.
void turn_resolution(TiffTags& tags, Metadata& metadata) {
    std::swap(metadata.x_per_inch, metadata.y_per_inch);
    std::swap(tags.fields[kTagXResolution], tags.fields[kTagYResolution]);
}

void take_bytes(const TiffPlace& place, std::uint16_t tag, std::vector<std::uint8_t>& to) {
    const TiffEntry* entry = place.entries.find(tag);
    if (!entry) return;
    // IPTC is often said to be of longs; it is bytes, whatever the order of the file.
    TiffEntry plain = *entry;
    plain.count *= static_cast<std::uint64_t>(tiff_type_bytes(entry->type));
    plain.type = TiffType::undefined;
    if (auto field = place.parser.field(plain)) to = std::move(field->bytes);
}

}  // namespace

Metadata read_tiff_metadata(const TiffPlace& place, const TiffPage& page) {
    const PictureInfo seen = seen_picture(page);
    auto tags = std::make_shared<TiffTags>();
    tags->width = seen.shape.W;
    tags->height = seen.shape.H;
    tags->channels = seen.shape.C;
    std::vector<std::string> lost;
    read_fields(place, *tags, lost);
    Metadata metadata;
    metadata.exif = exif_block(place, *tags, lost);
    if (!lost.empty()) {
        metadata.losses.push_back(fmt::format("TIFF {}: left out", fmt::join(lost, ", ")));
    }
    take_bytes(place, kTagIccProfile, metadata.icc_profile);
    take_bytes(place, kTagXmp, metadata.xmp);
    take_bytes(place, kTagIptc, metadata.iptc);
    read_resolution(tags->fields, metadata);
    if (page.orientation >= 5 && page.orientation <= 8) turn_resolution(*tags, metadata);
    metadata.coding.tiff = storage_of(place, page);
    metadata.tiff = std::move(tags);
    return metadata;
}

TiffDirectory exif_directories(const std::vector<std::uint8_t>& exif) {
    try {
        const auto bytes = tiff_bytes(exif, "EXIF");
        const DirectoryParser parser(*bytes);
        return directory_tree(parser, parser.first(), 2);
    } catch (const Error&) {
        return {};
    }
}

}  // namespace conv
