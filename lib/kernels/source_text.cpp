#include "kernels/source_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.hpp"

namespace conv {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kMinusSign = "\xE2\x88\x92";  // U+2212, of papers and web pages

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Bytes of the UTF-8 sequence that starts with `lead`; 0: none starts so.
std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead < 0xE0) return 2;
    if (lead >= 0xE0 && lead < 0xF0) return 3;
    if (lead >= 0xF0 && lead < 0xF5) return 4;
    return 0;
}

/// Length of the character at `at`, 0 where the bytes are no UTF-8.
std::size_t character_length(std::string_view text, std::size_t at) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[at]));
    if (length == 0 || length > text.size() - at) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[at + i])) return 0;
    }
    return length;
}

bool is_forbidden_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v') ||
           byte == 0x7F;
}

/// A name as it may stand in a message of one line.
std::string one_line(std::string name) {
    for (char& c : name) {
        if (is_forbidden_control(c) || is_blank(c)) c = c == ' ' ? ' ' : '?';
    }
    return name;
}

bool is_not_finite_word(std::string_view token) {
    if (!token.empty() && (token.front() == '-' || token.front() == '+')) token.remove_prefix(1);
    if (token.starts_with('.')) token.remove_prefix(1);  // YAML's .nan
    const std::string word = lower_case(token);
    return word == "nan" || word == "inf" || word == "infinity";
}

/// from_chars reports 1e-400 as out of range or as 0; both are a number that a double cannot hold.
bool has_nonzero_digit(std::string_view token) {
    const std::string_view mantissa = token.substr(0, token.find_first_of("eE"));
    return mantissa.find_first_of("123456789") != std::string_view::npos;
}

}  // namespace

void fail_at(const SourceText& source, std::string_view place, const std::string& message) {
    const std::string_view text = without_byte_order_mark(source.text);
    const auto offset =
        static_cast<std::size_t>(std::max<std::ptrdiff_t>(place.data() - text.data(), 0));
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < std::min(offset, text.size()); ++i) {
        const bool line_end =
            text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
        if (line_end) {
            ++line;
            column = 1;
        } else if (!is_continuation(text[i])) {
            ++column;
        }
    }
    fail(ErrorKind::usage, "{}:{}:{}: {}", one_line(source.name), line, column, message);
}

void fail_text(const SourceText& source, const std::string& message) {
    fail(ErrorKind::usage, "{}: {}", one_line(source.name), message);
}

std::string quoted_token(std::string_view token) {
    constexpr std::size_t kLongest = 40;
    std::string shown;
    std::size_t at = 0;
    while (at < token.size() && shown.size() < kLongest) {
        const std::size_t length = character_length(token, at);
        if (length == 0 || is_forbidden_control(token[at]) || token[at] == '\n' ||
            token[at] == '\r') {
            shown += '?';
        } else {
            shown += token.substr(at, length);
        }
        at += std::max<std::size_t>(length, 1);
    }
    return "'" + shown + (at < token.size() ? "...'" : "'");
}

void require_text(const SourceText& source) {
    const std::string_view text = source.text;
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        fail_text(source, "is UTF-16 text; save the kernel as UTF-8 or plain ASCII");
    }
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] >= ' ' && text[at] <= '~') {
            ++at;
            continue;
        }
        const std::size_t length = character_length(text, at);
        if (text[at] == '\0') {
            fail_at(source, text.substr(at), "a NUL byte: binary data or UTF-16, not kernel text");
        }
        if (length == 0 || is_forbidden_control(text[at])) {
            fail_at(source, text.substr(at),
                    fmt::format("byte 0x{:02X}: binary data, not kernel text",
                                static_cast<unsigned char>(text[at])));
        }
        at += length;
    }
}

std::string_view without_byte_order_mark(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    return text;
}

std::vector<std::string_view> content_lines(std::string_view text) {
    text = without_byte_order_mark(text);
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        const std::string_view line = text.substr(0, end);
        const std::string_view content = trimmed(line.substr(0, line.find('#')));
        if (!content.empty()) lines.push_back(content);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::vector<std::string_view> split_tokens(std::string_view line, std::string_view separators) {
    const auto separates = [separators](char c) {
        return is_blank(c) || separators.find(c) != std::string_view::npos;
    };
    std::vector<std::string_view> tokens;
    for (std::size_t at = 0; at < line.size();) {
        std::size_t end = at;
        while (end < line.size() && !separates(line[end])) ++end;
        if (end > at) tokens.push_back(line.substr(at, end - at));
        at = end + 1;
    }
    return tokens;
}

std::string with_ascii_minus(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const bool minus = text.starts_with(kMinusSign);
        plain += minus ? '-' : text.front();
        text.remove_prefix(minus ? kMinusSign.size() : 1);
    }
    return plain;
}

NumberReading read_decimal(std::string_view token) {
    constexpr const char* kNoNumber = "is not a number";
    if (is_not_finite_word(token)) {
        return {0, "is not finite; every weight must be a finite number"};
    }
    std::string_view digits = token;
    if (digits.find(kMinusSign) != std::string_view::npos) {
        return read_decimal(with_ascii_minus(digits));
    }
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const std::string_view unsigned_digits = digits.substr(digits.starts_with('-') ? 1 : 0);
    if (digits.size() < token.size() && unsigned_digits.size() < digits.size()) {
        return {0, kNoNumber};
    }
    if (unsigned_digits.empty() || !(is_digit(unsigned_digits[0]) || unsigned_digits[0] == '.')) {
        return {0, kNoNumber};
    }
    double value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (code == std::errc::invalid_argument || end != digits.data() + digits.size()) {
        return {0, kNoNumber};
    }
    const bool underflow = value == 0 && has_nonzero_digit(digits);
    if (code == std::errc::result_out_of_range || !std::isfinite(value) || underflow) {
        return {0, "is beyond the range of a double (about 1e-323 to 1e308)"};
    }
    return {value, nullptr};
}

NumberReading read_fraction(std::string_view token) {
    const std::size_t slash = token.find('/');
    if (slash == std::string_view::npos) return read_decimal(token);
    const NumberReading above = read_decimal(token.substr(0, slash));
    const NumberReading below = read_decimal(token.substr(slash + 1));
    if (above.problem != nullptr) return above;
    if (below.problem != nullptr) return below;
    if (below.value == 0) return {0, "divides by zero"};
    const double value = above.value / below.value;
    if (!std::isfinite(value) || (value == 0 && above.value != 0)) {
        return {0, "is beyond the range of a double (about 1e-323 to 1e308)"};
    }
    return {value, nullptr};
}

double number_at(const SourceText& source, std::string_view token) {
    const NumberReading reading = read_fraction(token);
    if (reading.problem != nullptr) {
        fail_at(source, token, fmt::format("{} {}", quoted_token(token), reading.problem));
    }
    return reading.value;
}

std::int64_t integer_at(const SourceText& source, std::string_view token, std::int64_t minimum,
                        std::int64_t maximum) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (code != std::errc{} || end != token.data() + token.size() || value < minimum ||
        value > maximum) {
        fail_at(source, token,
                fmt::format("{} is not a whole number from {} to {}", quoted_token(token), minimum,
                            maximum));
    }
    return value;
}

}  // namespace conv
