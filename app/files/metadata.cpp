#include "files/metadata.hpp"

#include <exiv2/exiv2.hpp>
#include <set>

namespace conv {
namespace {

/// The tags of a TIFF directory that are about the photograph; the others describe the samples.
bool is_about_photograph(const Exiv2::Exifdatum& datum) {
    if (datum.groupName() == "Photo" || datum.groupName() == "GPSInfo") {
        return datum.tagName() != "MakerNote" && !datum.tagName().starts_with("PixelXDim") &&
               !datum.tagName().starts_with("PixelYDim");
    }
    static const std::set<std::string> kept = {
        "Make",   "Model",     "DateTime",         "Artist",
        "Rating", "Copyright", "ImageDescription", "Software"};
    return datum.groupName() == "Image" && kept.contains(datum.tagName());
}

Exiv2::ExifData photograph_tags(const Exiv2::ExifData& all) {
    Exiv2::ExifData kept;
    for (const Exiv2::Exifdatum& datum : all) {
        if (is_about_photograph(datum)) kept.add(datum);
    }
    return kept;
}

Exiv2::Image::AutoPtr open_image(std::span<const std::uint8_t> file) {
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    auto image = Exiv2::ImageFactory::open(file.data(), static_cast<long>(file.size()));
    image->readMetadata();
    return image;
}

}  // namespace

std::string icc_colour_space(const std::vector<std::uint8_t>& profile) {
    constexpr std::size_t kPlace = 16, kHeader = 128;
    if (profile.size() < kHeader) return "";
    return {profile.begin() + kPlace, profile.begin() + kPlace + 4};
}

int reset_exif_orientation(std::vector<std::uint8_t>& exif) {
    if (exif.empty()) return 1;
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    int orientation = 1;
    try {
        Exiv2::ExifData tags;
        const Exiv2::ByteOrder order =
            Exiv2::ExifParser::decode(tags, exif.data(), static_cast<std::uint32_t>(exif.size()));
        const auto tag = tags.findKey(Exiv2::ExifKey("Exif.Image.Orientation"));
        if (tag != tags.end() && tag->count() > 0) {
            orientation = static_cast<int>(tag->toLong());
            tags["Exif.Image.Orientation"] = std::uint16_t{1};
        }
        // These describe the picture as it was: a thumbnail, and sizes.
        Exiv2::ExifThumb(tags).erase();
        for (const char* key : {"Exif.Photo.PixelXDimension", "Exif.Photo.PixelYDimension",
                                "Exif.Image.ImageWidth", "Exif.Image.ImageLength"}) {
            const auto stale = tags.findKey(Exiv2::ExifKey(key));
            if (stale != tags.end()) tags.erase(stale);
        }
        Exiv2::Blob blob;
        Exiv2::ExifParser::encode(
            blob, order == Exiv2::invalidByteOrder ? Exiv2::littleEndian : order, tags);
        exif.assign(blob.begin(), blob.end());
    } catch (const std::exception&) {
        exif.clear();  // damaged: not worth keeping, and no reason to refuse the picture
    }
    return orientation;
}

std::vector<std::uint8_t> exif_of_tiff(std::span<const std::uint8_t> file) {
    try {
        const auto image = open_image(file);
        const Exiv2::ExifData tags = photograph_tags(image->exifData());
        Exiv2::Blob blob;
        if (!tags.empty()) Exiv2::ExifParser::encode(blob, Exiv2::littleEndian, tags);
        return {blob.begin(), blob.end()};
    } catch (const std::exception&) {
        return {};
    }
}

bool add_exif_to_tiff(std::vector<std::uint8_t>& file, const std::vector<std::uint8_t>& exif) {
    try {
        Exiv2::ExifData tags;
        Exiv2::ExifParser::decode(tags, exif.data(), static_cast<std::uint32_t>(exif.size()));
        const auto image = open_image(file);
        Exiv2::ExifData all = image->exifData();
        for (const Exiv2::Exifdatum& datum : photograph_tags(tags)) all.add(datum);
        image->setExifData(all);
        image->writeMetadata();
        Exiv2::BasicIo& io = image->io();
        if (io.open() != 0) return false;
        std::vector<std::uint8_t> written(io.size());
        if (io.read(written.data(), static_cast<long>(written.size())) !=
            static_cast<long>(written.size())) {
            return false;
        }
        file = std::move(written);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace conv
