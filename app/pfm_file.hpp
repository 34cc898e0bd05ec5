#pragma once

#include "file_format.hpp"

namespace conv {

FileFormat pfm_format();

}  // namespace conv
