#pragma once

#include "files/formats/tiff/directory_writer.hpp"
#include "files/formats/tiff/tiff_directory.hpp"
#include "files/metadata.hpp"

namespace conv {

/// What a page holds besides its samples: every tag of a known type, those of the EXIF and GPS
/// directories as an EXIF block.
Metadata read_tiff_metadata(const TiffPlace& place, const TiffPage& page);

/// The directories of an EXIF block; empty for a damaged one.
TiffDirectory exif_directories(const std::vector<std::uint8_t>& exif);

}  // namespace conv
