#pragma once

#include <string>

namespace conv {

/// The output path without its format: "out" of "png:out". Write ./png:out for a file of that name.
std::string unprefixed_path(const std::string& path);

/// Whether the path names a descriptor that is open already, as /dev/stdout and /dev/fd/3 do.
bool is_open_descriptor(const std::string& path);

}  // namespace conv
