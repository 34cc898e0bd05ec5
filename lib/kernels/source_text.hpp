#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace conv {

/// A kernel text and what messages call it. Tokens are views into `text`, which is how an error
/// finds its line and column; `text` must outlive them.
struct SourceText {
    std::string_view text;
    std::string name;    ///< the file, or what stands for it: "k.txt:2:5: ..."
    std::string member;  ///< the matrix to take where the text holds several by name; may be empty
};

/// One number token read: the value, or the problem in words ("is not a number") where it is none.
struct NumberReading {
    double value = 0;
    const char* problem = nullptr;
};

/// The largest number of weights a kernel may have: 2^28, 2 GiB of doubles.
inline constexpr std::int64_t kMaxKernelValues = std::int64_t{1} << 28;

/// Throws Error{usage} "name:line:column: message" for a place in the text. `place` is a view into
/// source.text (an empty one at the end counts); columns count characters from 1, not bytes.
[[noreturn]] void fail_at(const SourceText& source, std::string_view place,
                          const std::string& message);

/// Throws Error{usage} "name: message" for the text as a whole.
[[noreturn]] void fail_text(const SourceText& source, const std::string& message);

/// The token in quotes, shortened where it is long, safe to print.
std::string quoted_token(std::string_view token);

/// Throws Error{usage} where the text holds no text: NUL and other control bytes, UTF-16, bytes
/// that are not UTF-8.
void require_text(const SourceText& source);

/// The text without a UTF-8 byte order mark.
std::string_view without_byte_order_mark(std::string_view text);

/// The lines (LF, CR LF or CR) that hold something, each without its `#` comment and outer blanks.
std::vector<std::string_view> content_lines(std::string_view text);

std::string_view trimmed(std::string_view text);

bool is_blank(char c);
bool is_letter(char c);
bool is_digit(char c);

/// The text in lower case (ASCII letters only).
std::string lower_case(std::string_view text);

/// The tokens of a line separated by blanks and by any character of `separators`.
std::vector<std::string_view> split_tokens(std::string_view line, std::string_view separators = "");

/// The text with U+2212, the minus sign of papers and web pages, as a hyphen.
std::string with_ascii_minus(std::string_view text);

/// Reads a decimal number ("-1", ".5", "+2e-3"); hexadecimal, words, NaN, infinity and numbers
/// beyond a double are problems. U+2212 counts as a minus. Correctly rounded, whatever the locale.
NumberReading read_decimal(std::string_view token);

/// Reads a decimal number or a fraction of two ("1/9").
NumberReading read_fraction(std::string_view token);

/// read_fraction of a token of the text; its problem is thrown as Error{usage} with its place.
double number_at(const SourceText& source, std::string_view token);

/// A whole number from `minimum` to `maximum`; anything else is thrown as Error{usage}.
std::int64_t integer_at(const SourceText& source, std::string_view token, std::int64_t minimum,
                        std::int64_t maximum);

}  // namespace conv
