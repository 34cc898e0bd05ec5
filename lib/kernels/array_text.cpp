#include "kernels/array_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace conv {
namespace {

constexpr std::size_t kMostLevels = 4;

/// A bracket that is open: how many entries it holds so far, and of which size.
struct Level {
    std::string_view opening;
    std::size_t entries = 0;
};

class ArrayReader {
public:
    explicit ArrayReader(const SourceText& source) : source_(source) {}

    void read_line(std::string_view line) {
        for (std::size_t at = 0; at < line.size();) at = read_at(line, at);
        if (ends_rows_by_line()) end_row(line.substr(line.size()));
    }

    ArrayText take() {
        if (!levels_.empty()) {
            fail_at(source_, levels_.back().opening,
                    fmt::format("'{}' is never closed", levels_.back().opening.substr(0, 1)));
        }
        // A single level is one row, or the rows of "[1 2; 3 4]".
        std::vector<std::size_t> shape(sizes_.begin(), sizes_.end());
        if (depth_ == 1) shape = {array_.rows.row_ends.size(), array_.rows.row_length(0)};
        array_.shape = std::move(shape);
        return std::move(array_);
    }

private:
    /// Reads what stands at `at`; returns where it ends.
    std::size_t read_at(std::string_view line, std::size_t at) {
        const std::string_view place = line.substr(at);
        const char c = line[at];
        if (closed_ && !is_blank(c) && c != ';' && c != ',') {
            fail_at(source_, place, "something follows the array's last bracket");
        }
        if (is_blank(c)) {
            return at + 1;
        }
        if (c == '[' || c == '{') {
            open(place);
        } else if (c == ']' || c == '}') {
            close(place);
        } else if (c == ',') {
            comma_ = place;
        } else if (c == ';') {
            if (!closed_) end_row(place);
        } else {
            return at + read_number(place);
        }
        return at + 1;
    }

    void open(std::string_view place) {
        if (levels_.size() == kMostLevels) {
            fail_at(source_, place, "brackets deeper than the four dimensions of a kernel");
        }
        if (row_has_numbers()) fail_at(source_, place, "a bracket among the numbers of a row");
        if (depth_ != 0 && levels_.size() >= depth_) {
            fail_at(source_, place, "brackets deeper than in the rows before");
        }
        levels_.push_back({place.substr(0, 1), 0});
        comma_.reset();
    }

    void close(std::string_view place) {
        if (levels_.empty()) fail_at(source_, place, "closes a bracket that is not open");
        const char wanted = levels_.back().opening[0] == '[' ? ']' : '}';
        if (place[0] != wanted) {
            fail_at(source_, place,
                    fmt::format("'{}' must be closed by '{}'", levels_.back().opening, wanted));
        }
        end_row(place);
        if (levels_.back().entries == 0) fail_at(source_, place, "an empty pair of brackets");
        const std::size_t level = levels_.size() - 1, entries = levels_.back().entries;
        if (depth_ == 0) {
            depth_ = levels_.size();
            sizes_.resize(depth_);
        }
        if (depth_ > 1) require_size(level, entries, place);
        levels_.pop_back();
        if (levels_.empty()) {
            closed_ = true;
        } else {
            ++levels_.back().entries;
        }
        comma_.reset();
    }

    void require_size(std::size_t level, std::size_t entries, std::string_view place) {
        if (sizes_[level] == 0) sizes_[level] = entries;
        if (sizes_[level] != entries) {
            fail_at(source_, place,
                    fmt::format("{} entries between these brackets, but {} between those before",
                                entries, sizes_[level]));
        }
    }

    std::size_t read_number(std::string_view place) {
        std::size_t length = 0;
        while (length < place.size() && !is_blank(place[length]) &&
               std::string_view(",;[]{}").find(place[length]) == std::string_view::npos) {
            ++length;
        }
        if (levels_.empty()) fail_at(source_, place, "a number outside the brackets");
        if (depth_ != 0 && levels_.size() != depth_) {
            fail_at(source_, place, "a number where a row in brackets is expected");
        }
        if (row_has_numbers()) require_same_separator(place);
        array_.rows.tokens.push_back(place.substr(0, length));
        if (levels_.size() > 1) ++levels_.back().entries;
        comma_.reset();
        return length;
    }

    void require_same_separator(std::string_view place) {
        const bool comma = comma_.has_value();
        if (commas_.value_or(comma) != comma) {
            fail_at(source_, place,
                    "mixes blanks and commas between numbers: a decimal comma? Write decimals with "
                    "a point (0.5), and one separator in the whole text");
        }
        commas_ = comma;
    }

    bool row_has_numbers() const { return array_.rows.tokens.size() > row_begin_; }

    bool ends_rows_by_line() const { return levels_.size() == 1 && row_has_numbers(); }

    void end_row(std::string_view place) {
        if (!row_has_numbers()) return;
        if (levels_.size() > 1 && place.starts_with(';')) {
            fail_at(source_, place, "a semicolon inside inner brackets, which end rows themselves");
        }
        array_.rows.row_ends.push_back(array_.rows.tokens.size());
        row_begin_ = array_.rows.tokens.size();
        if (levels_.size() == 1) ++levels_.back().entries;
        comma_.reset();
    }

    const SourceText& source_;
    ArrayText array_;
    std::vector<Level> levels_;
    std::vector<std::size_t> sizes_;
    std::size_t depth_ = 0;  ///< levels of the innermost brackets, known when the first one closes
    std::size_t row_begin_ = 0;
    std::optional<bool> commas_;
    std::optional<std::string_view> comma_;  ///< since the last entry
    bool closed_ = false;
};

}  // namespace

bool is_array_text(const std::vector<std::string_view>& lines) {
    if (lines.empty()) return false;
    if (lines[0].front() == '[') return true;
    // OpenCV's JSON has names in quotes, or nothing, between its braces.
    const std::size_t content = lines[0].find_first_not_of("{ \t");
    const bool empty = content != std::string_view::npos && lines[0][content] == '}';
    return lines[0].front() == '{' && !empty &&
           std::none_of(lines.begin(), lines.end(), [](std::string_view line) {
               return line.find('"') != std::string_view::npos;
           });
}

ArrayText read_array_text(const SourceText& source, const std::vector<std::string_view>& lines) {
    ArrayReader reader(source);
    for (const std::string_view line : lines) reader.read_line(line);
    return reader.take();
}

}  // namespace conv
