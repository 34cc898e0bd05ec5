#include "text/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>
#include <sstream>

#include "base/printable.hpp"

namespace conv {

namespace {

/// Where the first `columns` letters of UTF-8 text end.
std::size_t cut_at(std::string_view line, std::size_t columns) {
    std::size_t letters = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool begins = (static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80U;
        if (begins && ++letters > columns) return i;
    }
    return line.size();
}

}  // namespace

std::optional<std::size_t> terminal_width(const std::ostream& out) {
    const bool in_memory = dynamic_cast<std::stringbuf*>(out.rdbuf()) != nullptr;
    if (in_memory || isatty(STDOUT_FILENO) != 1) return std::nullopt;
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return size.ws_col;
}

std::string fitted(const std::string& text, std::optional<std::size_t> width) {
    constexpr std::size_t kNarrowest = 20;
    constexpr std::string_view kMore = " ...";
    if (!width) return text;
    const std::size_t columns = std::max(*width, kNarrowest);
    std::string lines;
    bool cut = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = std::string_view(text).substr(at, end - at);
        const bool fits = cut_at(line, columns) == line.size();
        lines += fits ? line : line.substr(0, cut_at(line, columns - kMore.size()));
        lines += fits ? "\n" : std::string(kMore) + '\n';
        cut = cut || !fits;
        at = end + 1;
    }
    return cut ? lines + fmt::format("(lines cut to the terminal's {} columns)\n", columns) : lines;
}

std::string printable_line(std::string_view text) {
    return printable(text);
}

void write_notes(std::ostream& err, const std::vector<std::string>& notes) {
    for (const std::string& note : notes) err << "conv-cli: note: " << printable_line(note) << '\n';
}

}  // namespace conv
