#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Read and written with libtiff.
FileFormat tiff_format();

}  // namespace conv
