#pragma once

#include <string>

namespace conv {

/// Writes `bytes` as the file `path`: complete under a temporary name beside it, then renamed, so
/// that a failure leaves the old file or none. Throws Error{input} for what cannot be written.
void write_whole_file(const std::string& path, const std::string& bytes);

}  // namespace conv
