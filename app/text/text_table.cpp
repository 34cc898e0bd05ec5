#include "text/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace conv {

void TextTable::write(std::ostream& out, std::size_t indent) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto& row : rows) {
        std::string line(indent, ' ');
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool right = align[std::min(i, align.size() - 1)] == 'r';
            line += fmt::format(fmt::runtime(right ? "{:>{}}" : "{:<{}}"), row[i], widths[i]);
            if (i + 1 < row.size()) line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << '\n';
    }
}

std::string short_number(double value) {
    return fmt::format("{:.6g}", value == 0 ? 0.0 : value);
}

std::string grouped(double count) {
    constexpr double kLargestExact = 9007199254740992.0;
    if (count > kLargestExact) return fmt::format("{:.3g}", count);
    std::string digits = fmt::format("{:.0f}", count);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
    return digits;
}

std::string short_time(double seconds) {
    if (seconds < 1e-3) return fmt::format("{:.3g} us", seconds * 1e6);
    if (seconds < 1) return fmt::format("{:.3g} ms", seconds * 1e3);
    return fmt::format("{:.3g} s", seconds);
}

std::string counted(std::int64_t count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace conv
