#pragma once

#include <cstdint>
#include <vector>

namespace conv {

/// An EXIF block is a TIFF header, its directories and their values; all of it is kept byte for
/// byte but for what is patched here.

/// Makes `exif` fit a picture whose samples are seen upright: the orientation becomes 1, the
/// thumbnail, which shows the picture as it was, is taken out. Returns the orientation that it had
/// (1 where there is none). A block without a readable first directory becomes empty.
int reset_exif_orientation(std::vector<std::uint8_t>& exif);

/// States the size of the picture where the block states one: PixelXDimension, PixelYDimension,
/// ImageWidth, ImageLength.
void set_exif_size(std::vector<std::uint8_t>& exif, std::int64_t width, std::int64_t height);

}  // namespace conv
