#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Read and written through OpenCV once every chunk was checked; grey with one transparent value
/// becomes RGBA.
FileFormat png_format();

}  // namespace conv
