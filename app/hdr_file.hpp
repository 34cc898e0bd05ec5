#pragma once

#include "file_format.hpp"

namespace conv {

FileFormat hdr_format();

}  // namespace conv
