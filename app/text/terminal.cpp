#include "text/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <ostream>
#include <sstream>

#include "base/printable.hpp"

namespace conv {

namespace {

/// What the variable COLUMNS says, a whole number above zero; else nothing.
std::optional<std::size_t> columns_asked_for() {
    const char* text = std::getenv("COLUMNS");
    std::size_t columns = 0;
    const std::string_view digits = text ? text : "";
    const auto [end, status] =
        std::from_chars(digits.data(), digits.data() + digits.size(), columns);
    const bool whole = status == std::errc() && end == digits.data() + digits.size();
    return whole && columns > 0 ? std::optional(columns) : std::nullopt;
}

}  // namespace

std::optional<std::size_t> terminal_width(const std::ostream& out) {
    const bool in_memory = dynamic_cast<std::stringbuf*>(out.rdbuf()) != nullptr;
    if (in_memory) return std::nullopt;
    if (const auto asked = columns_asked_for()) return asked;
    if (isatty(STDOUT_FILENO) != 1) return std::nullopt;
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return size.ws_col;
}

std::string printable_line(std::string_view text) {
    return printable(text);
}

void write_notes(std::ostream& err, const std::vector<std::string>& notes) {
    for (const std::string& note : notes) err << "conv-cli: note: " << printable_line(note) << '\n';
}

}  // namespace conv
