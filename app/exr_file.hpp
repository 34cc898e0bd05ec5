#pragma once

#include "file_format.hpp"

namespace conv {

FileFormat exr_format();

}  // namespace conv
