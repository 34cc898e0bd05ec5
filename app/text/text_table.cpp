#include "text/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <ostream>
#include <string_view>
#include <utility>

namespace conv {
namespace {

constexpr std::string_view kGap = "  ";

}  // namespace

std::vector<std::vector<std::size_t>> TextTable::parts(const std::vector<std::size_t>& widths,
                                                       std::size_t room) const {
    std::vector<std::vector<std::size_t>> parts(1);
    std::size_t used = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (parts.back().size() > 1 && used + kGap.size() + widths[i] > room) {
            parts.push_back({0});
            used = widths[0];
        }
        used += (parts.back().empty() ? 0 : kGap.size()) + widths[i];
        parts.back().push_back(i);
    }
    return parts;
}

void TextTable::write(std::ostream& out, std::size_t indent,
                      std::optional<std::size_t> width) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    constexpr std::size_t kEndless = std::numeric_limits<std::size_t>::max();
    const std::size_t room = width ? *width - std::min(indent, *width) : kEndless;
    bool first = true;
    for (const std::vector<std::size_t>& columns : parts(widths, room)) {
        if (!std::exchange(first, false)) out << '\n';
        for (const auto& row : rows) {
            std::string line(indent, ' ');
            for (const std::size_t i : columns) {
                if (i >= row.size()) continue;
                const bool right = align[std::min(i, align.size() - 1)] == 'r';
                line += fmt::format(fmt::runtime(right ? "{:>{}}{}" : "{:<{}}{}"), row[i],
                                    widths[i], i == columns.back() ? "" : kGap);
            }
            line.erase(line.find_last_not_of(' ') + 1);
            out << line << '\n';
        }
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

std::string counted(std::int64_t count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace conv
