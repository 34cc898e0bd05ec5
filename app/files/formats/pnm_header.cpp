#include "files/formats/pnm_header.hpp"

#include <map>

namespace conv {
namespace {

bool is_blank(std::uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void check_maximum(const PnmHeader& header, const std::string& name) {
    if (header.maximum >= 1 && header.maximum <= 65535) return;
    fail(ErrorKind::input, "{}: its largest value is {}, it must be 1 to 65535", name,
         header.maximum);
}

PnmHeader read_pam_header(ByteView bytes, const std::string& name) {
    PnmText text(bytes, name, 2);
    std::map<std::string, std::int64_t> numbers = {
        {"WIDTH", 0}, {"HEIGHT", 0}, {"DEPTH", 0}, {"MAXVAL", 0}};
    std::string tuple;
    for (std::string key = text.word(); key != "ENDHDR"; key = text.word()) {
        if (key == "TUPLTYPE") {
            tuple = text.word();
        } else if (numbers.contains(key)) {
            numbers[key] = text.number();
        } else {
            fail(ErrorKind::input, "{}: its PAM header holds an unknown line '{}'", name,
                 display_name(key));
        }
    }
    const std::int64_t channels = numbers["DEPTH"];
    const bool has_alpha = tuple.ends_with("_ALPHA");
    if (channels > 4) {
        fail(ErrorKind::unsupported, "{}: a PAM of {} channels is not read, up to 4 are", name,
             channels);
    }
    const PnmHeader header = {
        '7',       numbers["WIDTH"], numbers["HEIGHT"], channels, numbers["MAXVAL"],
        has_alpha, text.offset() + 1};
    check_maximum(header, name);
    return header;
}

}  // namespace

bool is_pnm(ByteView head) {
    return head.size() > 2 && head[0] == 'P' && head[1] >= '1' && head[1] <= '7' &&
           is_blank(head[2]);
}

std::string PnmText::word() {
    skip_blanks();
    std::string text;
    while (offset_ < bytes_.size() && !is_blank(bytes_[offset_]) && text.size() < 32) {
        text += static_cast<char>(bytes_[offset_++]);
    }
    if (text.empty()) refuse_end();
    return text;
}

std::int64_t PnmText::number() {
    skip_blanks();
    if (offset_ >= bytes_.size()) refuse_end();
    std::int64_t value = 0;
    const std::size_t start = offset_;
    constexpr std::int64_t kLargest = std::int64_t{1} << 40;
    for (; offset_ < bytes_.size() && digit() && value < kLargest; ++offset_) {
        value = value * 10 + (bytes_[offset_] - '0');
    }
    if (offset_ == start || value >= kLargest ||
        (offset_ < bytes_.size() && !is_blank(bytes_[offset_]))) {
        refuse_number(start);
    }
    return value;
}

std::int64_t PnmText::bit() {
    skip_blanks();
    if (offset_ >= bytes_.size()) refuse_end();
    const std::uint8_t c = bytes_[offset_++];
    if (c != '0' && c != '1') refuse_number(offset_ - 1);
    return c - '0';
}

void PnmText::skip_blanks() {
    while (offset_ < bytes_.size()) {
        if (bytes_[offset_] == '#') {
            while (offset_ < bytes_.size() && bytes_[offset_] != '\n') ++offset_;
        } else if (!is_blank(bytes_[offset_])) {
            return;
        } else {
            ++offset_;
        }
    }
}

void PnmText::refuse_end() const {
    fail(ErrorKind::input, "{}: the file is truncated, numbers are missing at its end", name_);
}

void PnmText::refuse_number(std::size_t place) const {
    fail(ErrorKind::input, "{}: no number of 0 or more at byte {}, the file is damaged", name_,
         place);
}

PnmHeader read_pnm_header(ByteView bytes, const std::string& name) {
    const char kind = static_cast<char>(bytes[1]);
    if (kind == '7') return read_pam_header(bytes, name);
    PnmText text(bytes, name, 2);
    PnmHeader header;
    header.kind = kind;
    header.width = text.number();
    header.height = text.number();
    if (!header.is_bitmap()) header.maximum = text.number();
    header.channels = kind == '3' || kind == '6' ? 3 : 1;
    header.offset = text.offset() + 1;
    check_maximum(header, name);
    return header;
}

}  // namespace conv
