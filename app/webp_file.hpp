#pragma once

#include "file_format.hpp"

namespace conv {

FileFormat webp_format();

}  // namespace conv
