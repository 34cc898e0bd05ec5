#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Windows and OS/2 bitmaps.
FileFormat bmp_format();

}  // namespace conv
