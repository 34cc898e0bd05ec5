#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/kernel.hpp"
#include "kernels/source_text.hpp"

namespace conv {

/// One text format of kernels. A new one is its parser's file pair and one line in the table. Its
/// functions get text that is UTF-8 without control characters, of 64 MiB at most.
struct KernelTextFormat {
    std::string name, summary;
    bool (*recognises)(const SourceText&);            ///< null: never detected, only named
    std::vector<Kernel> (*parse)(const SourceText&);  ///< throws Error{usage} with its place
    std::string (*write)(const Kernel&);              ///< null: cannot be written
};

/// plain, flat, vips, imagemagick, gmic, opencv, in that order.
const std::vector<KernelTextFormat>& kernel_text_formats();

/// Reads kernel text of any format, or of the named one. `name` stands in front of messages:
/// "name:line:column: ...". `member` picks one matrix by name where the format has names (opencv).
/// With "auto", text that is valid in two formats is refused with both readings. Throws
/// Error{usage} for a bad kernel or format name.
std::vector<Kernel> parse_kernel_text(std::string_view text, const std::string& name,
                                      const std::string& format = "auto",
                                      const std::string& member = "");

/// Writes a kernel in the named format; reading it back gives the same weights (value * scale),
/// bit for bit. Throws Error{usage} for what the format cannot hold.
std::string write_kernel_text(const Kernel& kernel, const std::string& format);

}  // namespace conv
