#pragma once

#include "file_format.hpp"

namespace conv {

FileFormat pnm_format();

}  // namespace conv
