#include "metadata.hpp"

#include <exiv2/exiv2.hpp>

namespace conv {

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

}  // namespace conv
