#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conv {

/// The columns of the terminal that `out` writes to; nothing where it is none.
std::optional<std::size_t> terminal_width(const std::ostream& out);

/// The text with every line that is wider than `width` columns cut, and a line that says so.
std::string fitted(const std::string& text, std::optional<std::size_t> width);

/// The text on one line that is safe to show, as base/printable.hpp says.
std::string printable_line(std::string_view text);

/// One line a note.
void write_notes(std::ostream& err, const std::vector<std::string>& notes);

}  // namespace conv
