#include "files/formats/png/png_text.hpp"

#include <zlib.h>

#include <algorithm>
#include <charconv>

namespace conv {
namespace {

std::string utf8_of_latin1(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xc0 | code >> 6);
            out += static_cast<char>(0x80 | (code & 0x3f));
        }
    }
    return out;
}

bool is_utf8(std::string_view text) {
    int following = 0;
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        const bool follows = (code & 0xc0) == 0x80;
        if (follows != (following > 0)) return false;
        if (follows)
            --following;
        else if (code >= 0xf8)
            return false;
        else
            following = code >= 0xf0 ? 3 : code >= 0xe0 ? 2 : code >= 0xc0 ? 1 : 0;
    }
    return following == 0;
}

/// Nothing where the text has letters beyond Latin-1.
std::optional<std::string> latin1_of_utf8(std::string_view text) {
    // JPEG does not say how comments are coded: what is no UTF-8 is taken for Latin-1.
    if (!is_utf8(text)) return std::string(text);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto code = static_cast<unsigned char>(text[i]);
        if (code < 0x80) {
            out += text[i];
        } else if ((code == 0xc2 || code == 0xc3) && i + 1 < text.size()) {
            const auto next = static_cast<unsigned char>(text[++i]);
            if ((next & 0xc0) != 0x80) return std::nullopt;
            out += static_cast<char>((code & 3) << 6 | (next & 0x3f));
        } else {
            return std::nullopt;
        }
    }
    return out;
}

std::string_view as_text(ByteView data) {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}

ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Cuts `rest` after its next zero; nothing where there is none.
std::optional<std::string> take_string(ByteView& rest) {
    const auto zero = std::find(rest.begin(), rest.end(), std::uint8_t{0});
    if (zero == rest.end()) return std::nullopt;
    const auto length = static_cast<std::size_t>(zero - rest.begin());
    const std::string text(as_text(rest.first(length)));
    rest = rest.subspan(length + 1);
    return text;
}

std::optional<TextEntry> parse_international(TextEntry entry, ByteView rest) {
    if (rest.size() < 2 || rest[0] > 1 || rest[1] != 0) return std::nullopt;
    entry.compressed = rest[0] == 1;
    rest = rest.subspan(2);
    const auto language = take_string(rest), translated = take_string(rest);
    if (!language || !translated) return std::nullopt;
    entry.language = *language;
    entry.translated_keyword = *translated;
    if (!entry.compressed) {
        entry.text = as_text(rest);
        return entry;
    }
    const auto text = inflated(rest);
    if (!text) return std::nullopt;
    entry.text = as_text(*text);
    return entry;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> inflated(ByteView data) {
    constexpr std::size_t kLargest = std::size_t{16} << 20;
    std::vector<std::uint8_t> out(std::min(kLargest, 1032 * data.size() + 64));
    uLongf size = out.size();
    if (uncompress(out.data(), &size, data.data(), data.size()) != Z_OK) return std::nullopt;
    out.resize(size);
    return out;
}

std::vector<std::uint8_t> deflated(ByteView data) {
    uLongf size = compressBound(data.size());
    std::vector<std::uint8_t> out(size);
    compress2(out.data(), &size, data.data(), data.size(), Z_BEST_COMPRESSION);
    out.resize(size);
    return out;
}

std::optional<TextEntry> parse_png_text(std::string_view type, ByteView data) {
    TextEntry entry;
    const auto keyword = take_string(data);
    if (!keyword || keyword->empty()) return std::nullopt;
    entry.keyword = utf8_of_latin1(*keyword);
    if (type == "iTXt") return parse_international(std::move(entry), data);
    if (type == "tEXt") {
        entry.text = utf8_of_latin1(as_text(data));
        return entry;
    }
    if (data.empty() || data[0] != 0) return std::nullopt;
    const auto text = inflated(data.subspan(1));
    if (!text) return std::nullopt;
    entry.compressed = true;
    entry.text = utf8_of_latin1(as_text(*text));
    return entry;
}

std::vector<std::uint8_t> png_text(const TextEntry& entry, std::string_view& type) {
    std::string head = latin1_of_utf8(entry.keyword).value_or("Comment");
    constexpr std::size_t kLongestKeyword = 79;
    head.resize(std::min(head.size(), kLongestKeyword));
    head += '\0';
    const auto latin1 = latin1_of_utf8(entry.text);
    std::string_view text = entry.text;
    const bool international = !latin1 || !entry.language.empty() ||
                               !entry.translated_keyword.empty() ||
                               entry.keyword == "XML:com.adobe.xmp";
    type = international ? "iTXt" : entry.compressed ? "zTXt" : "tEXt";
    if (international) {
        head += std::string(1, entry.compressed ? '\1' : '\0') + '\0';
        head += entry.language + '\0' + entry.translated_keyword + '\0';
    } else {
        text = *latin1;
        if (entry.compressed) head += '\0';
    }
    std::vector<std::uint8_t> data(head.begin(), head.end());
    const std::vector<std::uint8_t> packed =
        entry.compressed ? deflated(as_bytes(text)) : std::vector<std::uint8_t>();
    const ByteView body = entry.compressed ? ByteView(packed) : as_bytes(text);
    data.insert(data.end(), body.begin(), body.end());
    return data;
}

std::string raw_profile_text(std::string_view name, ByteView profile) {
    std::string text = fmt::format("\n{}\n{:8}", name, profile.size());
    constexpr std::size_t kBytesOfLine = 36;
    for (std::size_t i = 0; i < profile.size(); ++i)
        text += fmt::format("{}{:02x}", i % kBytesOfLine == 0 ? "\n" : "", profile[i]);
    return text + '\n';
}

std::vector<std::uint8_t> raw_profile(std::string_view text) {
    // A line feed, the name, a line feed, the length, then the digits.
    const std::size_t name_end = text.empty() ? text.npos : text.find('\n', 1);
    if (name_end == text.npos) return {};
    const std::size_t number = text.find_first_not_of(" \n", name_end);
    if (number == text.npos) return {};
    std::size_t length = 0;
    const char* end = text.data() + text.size();
    const char* at = std::from_chars(text.data() + number, end, length).ptr;
    std::string digits;
    for (; at < end; ++at) {
        if (std::isxdigit(static_cast<unsigned char>(*at))) digits += *at;
    }
    if (digits.size() != 2 * length) return {};
    std::vector<std::uint8_t> profile(length);
    for (std::size_t i = 0; i < length; ++i)
        std::from_chars(&digits[2 * i], &digits[2 * i] + 2, profile[i], 16);
    return profile;
}

}  // namespace conv
