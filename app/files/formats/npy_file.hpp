#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Arrays H W, C H W and N C H W; the samples stay where the file has them.
FileFormat npy_format();

}  // namespace conv
