#include <fmt/format.h>

#include <algorithm>

#include "kernels/opencv_storage.hpp"

namespace conv {
namespace {

/// Walks through the YAML that FileStorage writes: indented `key: value` lines, sequences of
/// scalars in square brackets, `!!` types. Other YAML (anchors, block text) is skipped or refused.
class YamlReader {
public:
    explicit YamlReader(const SourceText& source)
        : source_(source), collector_(source), text_(without_byte_order_mark(source.text)) {}

    std::vector<StorageMatrix> read() {
        while (at_ < text_.size()) line();
        close_from(-1);
        return collector_.take_matrices();
    }

private:
    void line() {
        const std::size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
        const std::string_view whole = text_.substr(at_, end - at_);
        const std::string_view content = trimmed(whole);
        const bool directive = whole.starts_with('%') || content == "---" || content == "...";
        if (content.empty() || content.front() == '#' || directive) {
            at_ = end + 1;
            return;
        }
        auto indent = content.data() - whole.data();
        at_ += static_cast<std::size_t>(indent);
        if (content.starts_with("- ") || content == "-") {
            indent += begin_item(indent);
            if (content == "-") return;
        }
        member(indent);
    }

    /// A sequence's item: a value without a name. Returns how much further in its content starts.
    std::ptrdiff_t begin_item(std::ptrdiff_t indent) {
        close_from(indent);
        open("", indent);
        const std::size_t dash = at_++;
        skip_blanks();
        return static_cast<std::ptrdiff_t>(at_ - dash);
    }

    void member(std::ptrdiff_t indent) {
        const std::string_view line = rest_of_line();
        const std::size_t colon = key_length(line);
        if (colon == std::string_view::npos) {
            if (collector_.depth() == 0) fail_at(source_, line, "'key: value' is missing here");
            return value();
        }
        close_from(indent);
        open(unquoted(trimmed(line.substr(0, colon))), indent);
        at_ += colon + 1;
        value();
    }

    /// What follows "key:": a type, a scalar, a bracketed sequence, or nothing (indented lines).
    void value() {
        skip_blanks();
        std::string_view line = rest_of_line();
        if (line.starts_with("!!")) {
            const auto end = std::find_if(line.begin(), line.end(), is_blank);
            const auto length = static_cast<std::size_t>(end - line.begin());
            collector_.set_type(line.substr(2, length - 2));
            at_ += length;
            skip_blanks();
            line = rest_of_line();
        }
        if (line.starts_with('[') || line.starts_with('{')) return brackets();
        line = line.substr(0, line.find(" #"));
        if (!trimmed(line).empty() && !line.starts_with('#')) {
            collector_.add(unquoted(trimmed(line)));
        }
        at_ += rest_of_line().size();
    }

    /// A bracketed value over any number of lines: its scalars belong to the open value.
    void brackets() {
        const std::size_t begin = at_;
        std::size_t opened = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '[' || c == '{') {
                collector_.require_room(opened++, text_.substr(at_));
            } else if (c == ']' || c == '}') {
                --opened;
            } else if (!is_blank(c) && c != ',') {
                scalar();
                continue;
            }
            ++at_;
            if (opened == 0) return;
        }
        fail_at(source_, text_.substr(begin), "a bracket is left open");
    }

    void scalar() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_blank(text_[at_]) &&
               std::string_view(",[]{}").find(text_[at_]) == std::string_view::npos) {
            ++at_;
        }
        collector_.add(text_.substr(begin, at_ - begin));
    }

    void open(std::string_view key, std::ptrdiff_t indent) {
        collector_.open(key, text_.substr(at_));
        indents_.push_back(indent);
    }

    /// Ends every value that starts at this column or further in.
    void close_from(std::ptrdiff_t indent) {
        while (!indents_.empty() && indents_.back() >= indent) {
            collector_.close();
            indents_.pop_back();
        }
    }

    /// Length of the key before ':' (at the line's end or before a blank); npos where none is.
    static std::size_t key_length(std::string_view line) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (line[i] == ':' && (i + 1 == line.size() || is_blank(line[i + 1]))) return i;
        }
        return std::string_view::npos;
    }

    static std::string_view unquoted(std::string_view text) {
        const bool quotes = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                            text.back() == text.front();
        return quotes ? text.substr(1, text.size() - 2) : text;
    }

    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }

    std::string_view rest_of_line() const {
        return text_.substr(at_, text_.find_first_of("\r\n", at_) - at_);
    }

    const SourceText& source_;
    StorageCollector collector_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<std::ptrdiff_t> indents_;  ///< the column of each open value
};

}  // namespace

std::vector<StorageMatrix> read_storage_yaml(const SourceText& source) {
    return YamlReader(source).read();
}

}  // namespace conv
