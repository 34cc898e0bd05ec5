#pragma once

#include "file_format.hpp"

namespace conv {

FileFormat bmp_format();

}  // namespace conv
