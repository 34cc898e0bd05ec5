#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Read and written through OpenCV. A fourth channel is no alpha: colours hold it multiplied in.
FileFormat exr_format();

}  // namespace conv
