#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Read by libpng and written by strips, row by row; every colour type, depth and interlace is
/// read; grey with any transparency becomes RGBA.
FileFormat png_format();

}  // namespace conv
