#pragma once

#include "files/file_format.hpp"

namespace conv {

/// 8-bit grey and colour, row by row through libjpeg; baseline, progressive and arithmetic coding
/// are read. Results are encoded as their input was.
FileFormat jpeg_format();

}  // namespace conv
