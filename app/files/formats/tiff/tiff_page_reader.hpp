#pragma once

#include <string>

#include "files/formats/tiff/tiff_directory.hpp"
#include "tensor/image.hpp"

namespace conv {

/// Decodes the page of the current directory, which has been checked: strips or tiles, channels
/// together or in planes, palettes expanded. Neither alpha nor orientation is applied. Throws
/// Error{input} for missing or damaged samples.
Image read_tiff_page(TIFF* tiff, const TiffPage& page, const std::string& name);

}  // namespace conv
