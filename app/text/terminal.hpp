#pragma once

#include <string>
#include <string_view>

namespace conv {

/// The text on one line that is safe to show: control characters become '?'.
std::string printable_line(std::string_view text);

}  // namespace conv
