#include <fmt/format.h>

#include <algorithm>

#include "kernels/opencv_storage.hpp"

namespace conv {
namespace {

/// Walks through XML elements; entities and document types are refused, comments skipped.
class XmlReader {
public:
    explicit XmlReader(const SourceText& source)
        : source_(source), collector_(source), text_(without_byte_order_mark(source.text)) {}

    std::vector<StorageMatrix> read() {
        while (at_ < text_.size()) {
            if (text_[at_] == '<') {
                markup();
            } else {
                content();
            }
        }
        if (collector_.depth() > 0) {
            fail_here(fmt::format("element {} is not closed", quoted_token(collector_.open_key())));
        }
        return collector_.take_matrices();
    }

private:
    void markup() {
        if (rest().starts_with("<!--")) return skip_past("-->");
        if (rest().starts_with("<?")) return skip_past("?>");
        if (rest().starts_with("<!")) {
            fail_here("document types and entities are not read; give a plain FileStorage text");
        }
        const std::string_view tag = rest().substr(0, rest().find('>'));
        if (tag.size() == rest().size()) fail_here("'>' is missing");
        if (tag.starts_with("</")) {
            close_element(trimmed(tag.substr(2)));
        } else {
            open_element(tag.substr(1));
        }
        at_ += tag.size() + 1;
    }

    void open_element(std::string_view tag) {
        const bool empty = tag.ends_with('/');
        if (empty) tag.remove_suffix(1);
        const auto end = std::find_if(tag.begin(), tag.end(), is_blank);
        const std::string_view name = tag.substr(0, static_cast<std::size_t>(end - tag.begin()));
        if (name.empty()) fail_here("an element without a name");
        collector_.open(name, rest());
        collector_.set_type(attribute(tag.substr(name.size()), "type_id"));
        if (empty) collector_.close();
    }

    void close_element(std::string_view name) {
        if (collector_.depth() == 0 || collector_.open_key() != name) {
            fail_here(
                fmt::format("an end tag {}, but that element is not open", quoted_token(name)));
        }
        collector_.close();
    }

    /// The value of `key="value"`; empty where absent.
    static std::string_view attribute(std::string_view attributes, std::string_view key) {
        const std::size_t found = attributes.find(key);
        if (found == std::string_view::npos) return {};
        const std::size_t open = attributes.find_first_of("\"'", found);
        if (open == std::string_view::npos) return {};
        const std::size_t close = attributes.find(attributes[open], open + 1);
        if (close == std::string_view::npos) return {};
        return attributes.substr(open + 1, close - open - 1);
    }

    void content() {
        const std::string_view text = rest().substr(0, rest().find('<'));
        const std::size_t entity = text.find('&');
        if (entity != std::string_view::npos) {
            fail_at(source_, text.substr(entity), "XML entities are not read");
        }
        for (const std::string_view token : split_tokens(text)) {
            if (collector_.depth() == 0) fail_at(source_, token, "text outside of an element");
            collector_.add(token);
        }
        at_ += text.size();
    }

    void skip_past(std::string_view end) {
        const std::size_t found = rest().find(end);
        if (found == std::string_view::npos) fail_here(fmt::format("'{}' is missing", end));
        at_ += found + end.size();
    }

    std::string_view rest() const { return text_.substr(at_); }

    [[noreturn]] void fail_here(const std::string& message) const {
        fail_at(source_, rest(), message);
    }

    const SourceText& source_;
    StorageCollector collector_;
    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<StorageMatrix> read_storage_xml(const SourceText& source) {
    return XmlReader(source).read();
}

}  // namespace conv
