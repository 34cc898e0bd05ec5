#pragma once

#include <string>
#include <string_view>

namespace conv {

/// The text as one line that is safe to show: control characters (C0, delete, and C1 as UTF-8
/// writes them) and bytes that are no UTF-8 become '?'. Everything else stays as it is.
std::string printable(std::string_view text);

}  // namespace conv
