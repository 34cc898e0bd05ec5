#pragma once

#include "file_format.hpp"

namespace conv {

FileFormat jpeg_format();

}  // namespace conv
