#include <fmt/format.h>

#include "kernels/opencv_storage.hpp"

namespace conv {
namespace {

/// Walks through JSON with a stack of open brackets, without recursion.
class JsonReader {
public:
    explicit JsonReader(const SourceText& source)
        : source_(source), collector_(source), text_(without_byte_order_mark(source.text)) {}

    std::vector<StorageMatrix> read() {
        value("");
        while (!brackets_.empty()) next_member();
        skip_blanks();
        if (at_ < text_.size()) fail_here("text after the end of the JSON document");
        return collector_.take_matrices();
    }

private:
    /// What follows inside the innermost bracket: its end, or a member.
    void next_member() {
        const char closing = brackets_.back();
        if (take(closing)) return end_bracket();
        if (!fresh_ && !take(',')) fail_here(fmt::format("',' or '{}' is missing", closing));
        fresh_ = false;
        if (closing == ']') return value("");
        const std::string_view key = string();
        if (!take(':')) fail_here("':' is missing after the key");
        value(key);
    }

    void value(std::string_view key) {
        skip_blanks();
        if (at_ == text_.size()) fail_here("the JSON text ends early");
        const char c = text_[at_];
        if (c == '{' || c == '[') return begin_bracket(key, c == '{' ? '}' : ']');
        const std::string_view scalar = c == '"' ? string() : word();
        if (!brackets_.empty() && brackets_.back() == ']') return collector_.add(scalar);
        collector_.open(key, scalar);
        collector_.add(scalar);
        collector_.close();
    }

    void begin_bracket(std::string_view key, char closing) {
        collector_.open(key, text_.substr(at_));
        brackets_.push_back(closing);
        fresh_ = true;
        ++at_;
    }

    void end_bracket() {
        brackets_.pop_back();
        collector_.close();
        fresh_ = false;
    }

    /// A quoted string without its quotes; escapes stay as written.
    std::string_view string() {
        if (!take('"')) fail_here("a quoted key is missing");
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2U : 1U;
        if (at_ >= text_.size()) {
            at_ = begin;
            fail_here("a quote is left open");
        }
        return text_.substr(begin, at_++ - begin);
    }

    std::string_view word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_blank(text_[at_]) &&
               std::string_view(",:{}[]\"").find(text_[at_]) == std::string_view::npos) {
            ++at_;
        }
        if (at_ == begin) fail_here("a value is missing");
        return text_.substr(begin, at_ - begin);
    }

    bool take(char c) {
        skip_blanks();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    [[noreturn]] void fail_here(const std::string& message) const {
        fail_at(source_, text_.substr(at_), message);
    }

    const SourceText& source_;
    StorageCollector collector_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::string brackets_;  ///< the closing character of each open bracket
    bool fresh_ = false;    ///< no member of the innermost bracket read yet
};

}  // namespace

std::vector<StorageMatrix> read_storage_json(const SourceText& source) {
    return JsonReader(source).read();
}

}  // namespace conv
