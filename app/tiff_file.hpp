#pragma once

#include "file_format.hpp"

namespace conv {

FileFormat tiff_format();

}  // namespace conv
