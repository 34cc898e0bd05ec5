#pragma once

#include "file_format.hpp"

namespace conv {

FileFormat png_format();

}  // namespace conv
