#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Radiance RGBE, read and written through OpenCV.
FileFormat hdr_format();

}  // namespace conv
