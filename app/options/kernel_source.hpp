#pragma once

#include <string>
#include <vector>

#include "kernels/kernel.hpp"

namespace conv {

/// The words of --kernel-format: auto, the text formats, npy and image.
std::vector<std::string> kernel_format_words();

/// The kernels that one `-k` argument means, resolved in this order: an existing file (text, .npy,
/// or an image as a point spread function); a built-in `name` or `name:key=value,...`; numbers as
/// inline text; `-`, standard input. `file.yml#name` picks one matrix of several. `format` is
/// "auto" or what the kernel must be. Throws Error{usage}: nothing of these, both a file and a
/// built-in, or a bad kernel.
std::vector<Kernel> load_kernels(const std::string& argument, const std::string& format);

}  // namespace conv
