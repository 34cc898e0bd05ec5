#include "files/formats/tiff/tiff_exif.hpp"

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
