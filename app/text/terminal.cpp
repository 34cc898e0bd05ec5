#include "text/terminal.hpp"

#include <ostream>

#include "base/printable.hpp"

namespace conv {

std::string printable_line(std::string_view text) {
    return printable(text);
}

void write_notes(std::ostream& err, const std::vector<std::string>& notes) {
    for (const std::string& note : notes) err << "conv-cli: note: " << printable_line(note) << '\n';
}

}  // namespace conv
