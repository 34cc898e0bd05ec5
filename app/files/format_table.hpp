#pragma once

#include <string_view>
#include <vector>

#include "files/file_format.hpp"

namespace conv {

/// Every file format there is, in the order in which contents are tried.
const std::vector<FileFormat>& file_formats();

/// The format with that name. Throws Error{internal} for a name that no format has.
const FileFormat& file_format(std::string_view name);

}  // namespace conv
