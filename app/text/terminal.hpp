#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace conv {

/// The text on one line that is safe to show, as base/printable.hpp says.
std::string printable_line(std::string_view text);

/// One line a note.
void write_notes(std::ostream& err, const std::vector<std::string>& notes);

}  // namespace conv
