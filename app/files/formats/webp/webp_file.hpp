#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Read and written by libwebp as whole pictures; lossless files stay lossless, animations are
/// refused.
FileFormat webp_format();

}  // namespace conv
