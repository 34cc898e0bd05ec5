#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Read and written through OpenCV; animations are refused.
FileFormat webp_format();

}  // namespace conv
