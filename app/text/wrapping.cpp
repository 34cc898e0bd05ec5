#include "text/wrapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace conv {
namespace {

constexpr std::string_view kMore = " ...", kBetweenCells = "  ";

/// Where the first `columns` letters of UTF-8 text end.
std::size_t cut_at(std::string_view line, std::size_t columns) {
    std::size_t letters = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool begins = (static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80U;
        if (begins && ++letters > columns) return i;
    }
    return line.size();
}

/// Where the cells of a line after its indent begin: one for a sentence, two for a labelled one.
std::vector<std::size_t> cell_begins(std::string_view line) {
    std::vector<std::size_t> begins;
    for (std::size_t at = line.find_first_not_of(' '); at < line.size();) {
        begins.push_back(at);
        at = line.find_first_not_of(' ', line.find(kBetweenCells, at));
    }
    return begins;
}

/// A sentence in lines that are indented as its text begins.
std::string wrapped_line(std::string_view line, std::size_t begin, std::size_t columns) {
    std::string lines(line.substr(0, begin));
    const std::string indent = '\n' + std::string(begin, ' ');
    return lines +
           fmt::format("{}\n", fmt::join(wrapped(line.substr(begin), columns - begin), indent));
}

}  // namespace

std::size_t letter_count(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines(1);
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) {
        std::string& line = lines.back();
        if (!line.empty() && letter_count(line) + 1 + letter_count(word) > width) {
            lines.push_back(std::move(word));
        } else {
            line += (line.empty() ? "" : " ") + word;
        }
    }
    return lines;
}

std::string fitted(const std::string& text, std::optional<std::size_t> width) {
    constexpr std::size_t kNarrowest = 20;
    if (!width) return text;
    const std::size_t columns = std::max(*width, kNarrowest);
    std::string lines;
    bool cut = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = std::string_view(text).substr(at, end - at);
        at = end + 1;
        const std::vector<std::size_t> cells = cell_begins(line);
        if (letter_count(line) <= columns) {
            lines.append(line) += '\n';
        } else if (cells.size() <= 2 && cells.back() < columns / 2) {
            lines += wrapped_line(line, cells.back(), columns);
        } else {
            lines.append(line.substr(0, cut_at(line, columns - kMore.size()))).append(kMore) +=
                '\n';
            cut = true;
        }
    }
    return cut ? lines + fmt::format("(rows cut to {} columns)\n", columns) : lines;
}

}  // namespace conv
