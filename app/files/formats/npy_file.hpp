#pragma once

#include "files/file_format.hpp"

namespace conv {

/// ReadOptions::layout of a 3-D array whose first dimension are pages: the slices of a volume.
inline constexpr const char* kSlicesLayout = "slices";

/// Arrays H W, C H W and N C H W; the samples stay where the file has them.
FileFormat npy_format();

}  // namespace conv
