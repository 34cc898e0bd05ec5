#pragma once

#include "file_format.hpp"

namespace conv {

FileFormat npy_format();

}  // namespace conv
