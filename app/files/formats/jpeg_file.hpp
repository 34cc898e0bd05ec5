#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Read and written through OpenCV once the markers were followed to the end mark.
FileFormat jpeg_format();

}  // namespace conv
