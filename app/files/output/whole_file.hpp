#pragma once

#include <string>
#include <vector>

namespace conv {

/// Writes `bytes` as the output `path`, as OutputFiles does: a file appears complete, so that a
/// failure leaves the old one or none; pipes and devices get the bytes. `text` may go to a
/// terminal. Returns what the user should know. Throws Error{input} for what cannot be written.
std::vector<std::string> write_whole_file(const std::string& path, const std::string& bytes,
                                          bool text = false);

}  // namespace conv
