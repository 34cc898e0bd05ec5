#include "kernels/plain_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace conv {
namespace {

/// What stands between a number and the next one.
enum class Separator { row_end, blank, comma, semicolon };

struct Cell {
    std::string_view token;
    Separator after = Separator::row_end;
    bool tight = false;  ///< a separator without any blank beside it
};

bool separates(char c) {
    return is_blank(c) || c == ',' || c == ';';
}

/// Splits one line; `semicolon` is what a semicolon means in this text.
class LineSplitter {
public:
    LineSplitter(const SourceText& source, std::string_view line, Separator semicolon)
        : source_(source), line_(line), semicolon_(semicolon) {}

    void append_to(std::vector<Cell>& cells) {
        while (at_ < line_.size()) {
            const std::size_t begin = at_;
            while (at_ < line_.size() && !separates(line_[at_])) ++at_;
            Cell cell;
            cell.token = line_.substr(begin, at_ - begin);
            if (cell.token.empty()) {
                fail_at(source_, line_.substr(begin),
                        fmt::format("a number is missing before '{}'", line_[begin]));
            }
            read_separator(cell);
            cells.push_back(cell);
        }
        cells.back().after = Separator::row_end;
    }

private:
    void read_separator(Cell& cell) {
        const std::size_t begin = at_;
        skip_blanks();
        cell.after = Separator::blank;
        if (at_ == line_.size()) return;
        const char c = line_[at_];
        if (c != ',' && c != ';') return;
        cell.after = c == ',' ? Separator::comma : semicolon_;
        ++at_;
        skip_blanks();
        cell.tight = at_ == begin + 1;
        if (at_ == line_.size() && cell.after != Separator::row_end) {
            fail_at(source_, line_.substr(line_.size()),
                    fmt::format("a number is missing after '{}'", c));
        }
    }

    void skip_blanks() {
        while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
    }

    const SourceText& source_;
    std::string_view line_;
    Separator semicolon_;
    std::size_t at_ = 0;
};

constexpr const char* kOneSeparator =
    "a decimal comma? Write decimals with a point (0.5), and one separator in the whole text";

const char* separator_name(Separator separator) {
    switch (separator) {
        case Separator::blank:
            return "blanks";
        case Separator::comma:
            return "commas";
        default:
            return "semicolons";
    }
}

void require_one_separator(const SourceText& source, const std::vector<Cell>& cells) {
    Separator first = Separator::row_end;
    for (const Cell& cell : cells) {
        if (cell.after == Separator::row_end) continue;
        if (first == Separator::row_end) first = cell.after;
        if (cell.after != first) {
            fail_at(source, cell.token.substr(cell.token.size()),
                    std::string("mixes ") + separator_name(first) + " and " +
                        separator_name(cell.after) + " between numbers: " + kOneSeparator);
        }
    }
}

bool is_digits(std::string_view token) {
    return !token.empty() && std::all_of(token.begin(), token.end(), is_digit);
}

bool is_signed_digits(std::string_view token) {
    if (!token.empty() && (token.front() == '-' || token.front() == '+')) token.remove_prefix(1);
    return is_digits(token);
}

/// "0,5, 1,5": some commas stand between blanks and the others could all be decimal commas.
void refuse_decimal_commas(const SourceText& source, const std::vector<Cell>& cells) {
    const Cell* first_tight = nullptr;
    bool any_loose = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i].after != Separator::comma) continue;
        if (!cells[i].tight) {
            any_loose = true;
            continue;
        }
        const bool follows_tight =
            i > 0 && cells[i - 1].after == Separator::comma && cells[i - 1].tight;
        const bool decimal = is_signed_digits(cells[i].token) && is_digits(cells[i + 1].token);
        if (follows_tight || !decimal) return;
        if (first_tight == nullptr) first_tight = &cells[i];
    }
    if (any_loose && first_tight != nullptr) {
        fail_at(source, first_tight->token,
                std::string("mixes ',' and ', ' between numbers: ") + kOneSeparator);
    }
}

/// A semicolon ends a row in text of one line, and where it stands only at the ends of lines.
Separator semicolon_meaning(const std::vector<std::string_view>& lines) {
    const auto only_last = [](std::string_view line) {
        const std::size_t at = line.find(';');
        return at == std::string_view::npos || at + 1 == line.size();
    };
    const bool ends_rows = lines.size() == 1 || std::all_of(lines.begin(), lines.end(), only_last);
    return ends_rows ? Separator::row_end : Separator::semicolon;
}

}  // namespace

TokenRows split_rows(const SourceText& source, const std::vector<std::string_view>& lines) {
    const Separator semicolon = semicolon_meaning(lines);
    std::vector<Cell> cells;
    for (const std::string_view line : lines) {
        LineSplitter(source, line, semicolon).append_to(cells);
    }
    require_one_separator(source, cells);
    refuse_decimal_commas(source, cells);
    TokenRows rows;
    rows.tokens.reserve(cells.size());
    for (const Cell& cell : cells) {
        rows.tokens.push_back(cell.token);
        if (cell.after == Separator::row_end) rows.row_ends.push_back(rows.tokens.size());
    }
    return rows;
}

}  // namespace conv
