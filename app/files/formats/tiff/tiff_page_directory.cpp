#include "files/formats/tiff/tiff_page_directory.hpp"

#include <tiffio.h>

#include <map>

#include "files/formats/tiff/tag_fates.hpp"
#include "files/formats/tiff/tiff_metadata.hpp"

namespace conv {
namespace {

TiffField one_short(int value) {
    return TiffField::of_shorts({static_cast<std::uint16_t>(value)});
}

TiffField one_long(std::int64_t value) {
    return TiffField::of_longs({static_cast<std::uint32_t>(value)});
}

void add_samples(const PictureInfo& picture, const TiffLayout& layout, TiffFields& fields) {
    const auto C = static_cast<std::size_t>(picture.shape.C);
    const int format = picture.type == SampleType::f32 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT;
    const auto each = [&](int value) {
        return TiffField::of_shorts(
            std::vector<std::uint16_t>(C, static_cast<std::uint16_t>(value)));
    };
    fields[TIFFTAG_IMAGEWIDTH] = one_long(picture.shape.W);
    fields[TIFFTAG_IMAGELENGTH] = one_long(picture.shape.H);
    fields[TIFFTAG_BITSPERSAMPLE] = each(layout.bits);
    fields[TIFFTAG_COMPRESSION] = one_short(layout.compression);
    fields[TIFFTAG_PHOTOMETRIC] = one_short(layout.photometric);
    fields[TIFFTAG_SAMPLESPERPIXEL] = one_short(static_cast<int>(C));
    fields[TIFFTAG_PLANARCONFIG] =
        one_short(layout.separate_planes ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    fields[TIFFTAG_SAMPLEFORMAT] = each(format);
    if (layout.predictor != PREDICTOR_NONE) fields[TIFFTAG_PREDICTOR] = one_short(layout.predictor);
    if (!layout.extra_samples.empty()) {
        fields[TIFFTAG_EXTRASAMPLES] = TiffField::of_shorts(layout.extra_samples);
    }
    if (layout.tiled) {
        fields[TIFFTAG_TILEWIDTH] = one_long(layout.block_width);
        fields[TIFFTAG_TILELENGTH] = one_long(layout.block_height);
    } else {
        fields[TIFFTAG_ROWSPERSTRIP] = one_long(layout.block_height);
    }
}

/// Of inputs that were no TIFF; those have it among their tags.
void add_resolution(const PageHeader& header, TiffFields& fields) {
    const Metadata& metadata = header.metadata;
    if (fields.contains(kTagXResolution) || fields.contains(kTagYResolution)) return;
    if (!(metadata.x_per_inch > 0 && metadata.y_per_inch > 0)) return;
    const bool metric = metadata.resolution_unit == ResolutionUnit::centimetre;
    const int unit = metric                                             ? RESUNIT_CENTIMETER
                     : metadata.resolution_unit == ResolutionUnit::none ? RESUNIT_NONE
                                                                        : RESUNIT_INCH;
    const double inches = metric ? 2.54 : 1;
    fields[kTagXResolution] =
        TiffField::of_rational(metadata.x_per_inch / inches / header.metadata.grid.scale_x);
    fields[kTagYResolution] =
        TiffField::of_rational(metadata.y_per_inch / inches / header.metadata.grid.scale_y);
    fields[kTagResolutionUnit] = one_short(unit);
}

void set_pixel_sizes(const PictureInfo& picture, TiffDirectory& exif) {
    for (const auto& [tag, size] : {std::pair{kTagPixelXDimension, picture.shape.W},
                                    std::pair{kTagPixelYDimension, picture.shape.H}}) {
        const auto field = exif.fields.find(tag);
        if (field != exif.fields.end()) field->second = one_long(size);
    }
}

/// Tags of an EXIF block that TIFF's own directory does not have already.
void add_exif(const PageHeader& header, TiffDirectory& directory, std::vector<std::string>& lost) {
    const TiffDirectory exif = exif_directories(header.metadata.exif);
    for (const auto& [tag, field] : exif.fields) {
        const bool resolution =
            tag == kTagXResolution || tag == kTagYResolution || tag == kTagResolutionUnit;
        if (header.metadata.tiff || resolution || fate_of(tag) != TagFate::carried) continue;
        directory.fields.emplace(tag, field);
    }
    for (const auto& [tag, child] : exif.children) directory.children[tag] = child;
    const auto photo = directory.children.find(kTagExifIfd);
    if (photo == directory.children.end()) return;
    set_pixel_sizes(header.picture, photo->second);
    // Its offsets count from the beginning of a block that it leaves.
    if (photo->second.fields.erase(kTagMakerNote) > 0) {
        lost.push_back(fmt::format("{}: left out", tag_words(kTagMakerNote)));
    }
}

void add_blocks(const Metadata& metadata, TiffFields& fields) {
    const auto add = [&](std::uint16_t tag, const std::vector<std::uint8_t>& bytes, TiffType type) {
        if (!bytes.empty()) fields[tag] = TiffField::of_bytes(bytes, type);
    };
    add(kTagIccProfile, metadata.icc_profile, TiffType::undefined);
    add(kTagXmp, metadata.xmp, TiffType::byte);
    add(kTagIptc, metadata.iptc, TiffType::undefined);
}

/// Texts that TIFF has a tag for; returns the metadata without them.
Metadata add_texts(const Metadata& metadata, TiffFields& fields) {
    static const std::map<std::string, std::uint16_t> tags = {
        {"Comment", TIFFTAG_IMAGEDESCRIPTION},
        {"Description", TIFFTAG_IMAGEDESCRIPTION},
        {"Author", TIFFTAG_ARTIST},
        {"Copyright", TIFFTAG_COPYRIGHT},
        {"Software", TIFFTAG_SOFTWARE},
        {"Title", TIFFTAG_DOCUMENTNAME}};
    Metadata rest = metadata;
    std::erase_if(rest.texts, [&](const TextEntry& entry) {
        const auto tag = tags.find(entry.keyword);
        return tag != tags.end() &&
               fields.emplace(tag->second, TiffField::of_text(entry.text)).second;
    });
    return rest;
}

}  // namespace

TiffDirectory page_directory(const PageHeader& header, const TiffLayout& layout, std::int64_t pages,
                             std::vector<std::string>& lost) {
    TiffDirectory directory;
    std::vector<std::string> tags_lost;
    if (header.metadata.tiff) {
        directory.fields = adapted_fields(*header.metadata.tiff,
                                          {header.picture, header.metadata.grid, pages}, tags_lost);
    }
    if (!tags_lost.empty()) {
        lost.push_back(fmt::format("no longer true of the result and left out: {}",
                                   fmt::join(tags_lost, ", ")));
    }
    add_exif(header, directory, lost);
    add_resolution(header, directory.fields);
    add_blocks(header.metadata, directory.fields);
    const Metadata rest = add_texts(header.metadata, directory.fields);
    note_not_carried(rest, "TIFF", {.icc_profile = true, .exif = true, .xmp = true, .iptc = true},
                     lost);
    add_samples(header.picture, layout, directory.fields);
    return directory;
}

}  // namespace conv
