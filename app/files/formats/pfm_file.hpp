#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Float pictures, bottom row first, of either byte order.
FileFormat pfm_format();

}  // namespace conv
