#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conv {

/// The columns that text to `out` shall take: what the variable COLUMNS says, else those of the
/// terminal that standard output is; nothing for a file, a pipe or text kept in memory.
std::optional<std::size_t> terminal_width(const std::ostream& out);

/// The text on one line that is safe to show, as base/printable.hpp says.
std::string printable_line(std::string_view text);

/// One line a note.
void write_notes(std::ostream& err, const std::vector<std::string>& notes);

}  // namespace conv
