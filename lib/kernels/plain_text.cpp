#include "kernels/plain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/error.hpp"
#include "kernels/plain_rows.hpp"

namespace conv {
namespace {

/// The header lines of a plain text, as tokens still to be checked against the numbers.
struct PlainHeader {
    std::vector<std::string_view> shape, bias, anchor;
    std::string_view shape_line;
    double scale = 1;
};

using HeaderReader = void (*)(const SourceText&, std::string_view key,
                              const std::vector<std::string_view>& values, PlainHeader&);

void require_count(const SourceText& source, std::string_view key,
                   const std::vector<std::string_view>& values, std::size_t least, std::size_t most,
                   const char* example) {
    if (values.size() < least || values.size() > most)
        fail_at(source, key,
                fmt::format("'{}:' with {} values; write for example '{}'", key, values.size(),
                            example));
}

void read_shape(const SourceText& source, std::string_view key,
                const std::vector<std::string_view>& values, PlainHeader& header) {
    require_count(source, key, values, 2, 4, "shape: 3 3");
    header.shape = values;
    header.shape_line = key;
}

void read_scale(const SourceText& source, std::string_view key,
                const std::vector<std::string_view>& values, PlainHeader& header) {
    require_count(source, key, values, 1, 1, "scale: 1/9");
    header.scale = number_at(source, values[0]);
    if (header.scale == 0) fail_at(source, values[0], "a scale of 0 makes every weight 0");
}

void read_bias(const SourceText& source, std::string_view key,
               const std::vector<std::string_view>& values, PlainHeader& header) {
    require_count(source, key, values, 1, static_cast<std::size_t>(kMaxKernelValues), "bias: 128");
    header.bias = values;
}

void read_anchor(const SourceText& source, std::string_view key,
                 const std::vector<std::string_view>& values, PlainHeader& header) {
    require_count(source, key, values, 2, 2, "anchor: 1,1");
    header.anchor = values;
}

struct HeaderKey {
    std::string_view key;
    HeaderReader read;
};

constexpr HeaderKey kHeaderKeys[] = {
    {"shape", read_shape}, {"scale", read_scale}, {"bias", read_bias}, {"anchor", read_anchor}};

const HeaderKey* find_header_key(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return nullptr;
    const std::string_view key = trimmed(line.substr(0, colon));
    const auto found = std::find_if(std::begin(kHeaderKeys), std::end(kHeaderKeys),
                                    [key](const HeaderKey& known) { return known.key == key; });
    return found == std::end(kHeaderKeys) ? nullptr : found;
}

}  // namespace

bool is_plain_header(std::string_view line) {
    return find_header_key(line) != nullptr;
}

namespace {

/// Reads and removes the header lines at the front of `lines`.
PlainHeader take_header(const SourceText& source, std::vector<std::string_view>& lines) {
    PlainHeader header;
    std::vector<std::string_view> seen;
    std::size_t count = 0;
    for (; count < lines.size() && is_letter(lines[count].front()); ++count) {
        const std::string_view line = lines[count];
        const HeaderKey* known = find_header_key(line);
        if (known == nullptr) break;
        const std::string_view key = line.substr(0, known->key.size());
        if (std::find(seen.begin(), seen.end(), key) != seen.end())
            fail_at(source, key, fmt::format("'{}:' is given twice", key));
        seen.push_back(key);
        known->read(source, key, split_tokens(line.substr(line.find(':') + 1), ","), header);
    }
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(count));
    return header;
}

/// Lines of the form `word: ...` among the numbers.
void refuse_late_headers(const SourceText& source, const std::vector<std::string_view>& lines) {
    for (const std::string_view line : lines) {
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_letter(line.front())) continue;
        if (is_plain_header(line))
            fail_at(source, line, "a header line after the numbers; header lines come first");
        fail_at(source, line,
                fmt::format("{} is no header line; known are shape, scale, bias and anchor",
                            quoted_token(line.substr(0, colon + 1))));
    }
}

std::vector<double> read_values(const SourceText& source,
                                const std::vector<std::string_view>& tokens) {
    std::vector<double> values;
    values.reserve(tokens.size());
    for (const std::string_view token : tokens) values.push_back(number_at(source, token));
    return values;
}

void set_shape(const SourceText& source, const PlainHeader& header, Kernel& kernel) {
    std::int64_t sizes[4] = {1, 1, 1, 1};
    const std::size_t count = header.shape.size();
    std::int64_t product = 1;
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t size = integer_at(source, header.shape[i], 1, kMaxKernelValues);
        if (product > kMaxKernelValues / size)
            fail_at(source, header.shape[i],
                    fmt::format("a shape of more than {} numbers", kMaxKernelValues));
        product *= size;
        sizes[4 - count + i] = size;
    }
    kernel.rank = static_cast<int>(count);
    kernel.K = sizes[0];
    kernel.C = sizes[1];
    kernel.R = sizes[2];
    kernel.S = sizes[3];
}

/// Throws unless every row holds `length` numbers; `wanted` says where that length comes from.
void require_row_lengths(const SourceText& source, const TokenRows& rows, std::size_t length,
                         const std::string& wanted) {
    for (std::size_t row = 0; row < rows.row_ends.size(); ++row) {
        const std::size_t found = rows.row_length(row);
        if (found == length) continue;
        const std::string_view last = rows.tokens[rows.row_ends[row] - 1];
        const std::string_view place =
            found > length ? rows.tokens[rows.row_begin(row) + length] : last.substr(last.size());
        fail_at(source, place,
                fmt::format("row {} has {} number{}, but {}", row + 1, found, found == 1 ? "" : "s",
                            wanted));
    }
}

void apply_shape(const SourceText& source, const PlainHeader& header, const TokenRows& rows,
                 Kernel& kernel) {
    if (header.shape.empty()) {
        require_row_lengths(source, rows, rows.row_length(0),
                            fmt::format("row 1 has {}", rows.row_length(0)));
        kernel.R = static_cast<std::int64_t>(rows.row_ends.size());
        kernel.S = static_cast<std::int64_t>(rows.row_length(0));
        return;
    }
    set_shape(source, header, kernel);
    require_row_lengths(source, rows, static_cast<std::size_t>(kernel.S),
                        fmt::format("the shape says {} in a row", kernel.S));
    const std::int64_t wanted = kernel.K * kernel.C * kernel.R;
    if (static_cast<std::int64_t>(rows.row_ends.size()) != wanted)
        fail_at(source, header.shape_line,
                fmt::format("the shape says {} rows in all, but the text has {}", wanted,
                            rows.row_ends.size()));
}

void apply_bias_and_anchor(const SourceText& source, const PlainHeader& header, Kernel& kernel) {
    kernel.scale = header.scale;
    kernel.bias = read_values(source, header.bias);
    const auto count = static_cast<std::int64_t>(kernel.bias.size());
    if (count > 1 && count != kernel.K)
        fail_at(source, header.bias[0],
                fmt::format("{} biases for {} output map{}; give one, or one a map", count,
                            kernel.K, kernel.K == 1 ? "" : "s"));
    if (header.anchor.empty()) return;
    kernel.anchor = Anchor{integer_at(source, header.anchor[0], 0, kernel.S - 1),
                           integer_at(source, header.anchor[1], 0, kernel.R - 1)};
}

struct PlainParts {
    PlainHeader header;
    TokenRows rows;
};

PlainParts read_parts(const SourceText& source) {
    require_text(source);
    std::vector<std::string_view> lines = content_lines(source.text);
    PlainParts parts;
    parts.header = take_header(source, lines);
    if (lines.empty())
        fail_text(source, "holds no numbers; a kernel is rows such as '0 -1 0; -1 5 -1; 0 -1 0'");
    refuse_late_headers(source, lines);
    parts.rows = split_rows(source, lines);
    return parts;
}

Kernel start_kernel(const SourceText& source, const PlainParts& parts, const char* format) {
    Kernel kernel;
    kernel.format = format;
    kernel.name = source.name;
    kernel.values = read_values(source, parts.rows.tokens);
    return kernel;
}

void append_numbers(std::string& text, const double* values, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
        fmt::format_to(std::back_inserter(text), "{}{}", i == 0 ? "" : " ", values[i]);
    text += '\n';
}

/// Rows that libvips' format would read as its own header and matrix need a shape line.
bool reads_as_libvips_too(const Kernel& kernel) {
    return kernel.R > 1 && kernel.S >= 2 && kernel.S <= 4 &&
           kernel.values[0] == static_cast<double>(kernel.S) &&
           kernel.values[1] == static_cast<double>(kernel.R - 1);
}

std::string header_text(const Kernel& kernel) {
    std::string text;
    if (kernel.rank == 4)
        text += fmt::format("shape: {} {} {} {}\n", kernel.K, kernel.C, kernel.R, kernel.S);
    else if (kernel.rank == 3)
        text += fmt::format("shape: {} {} {}\n", kernel.C, kernel.R, kernel.S);
    else if (reads_as_libvips_too(kernel))
        text += fmt::format("shape: {} {}\n", kernel.R, kernel.S);
    if (kernel.scale != 1) text += fmt::format("scale: {}\n", kernel.scale);
    if (!kernel.bias.empty()) {
        text += "bias: ";
        append_numbers(text, kernel.bias.data(), static_cast<std::int64_t>(kernel.bias.size()));
    }
    if (kernel.anchor) text += fmt::format("anchor: {},{}\n", kernel.anchor->x, kernel.anchor->y);
    return text;
}

}  // namespace

std::vector<Kernel> parse_plain(const SourceText& source) {
    const PlainParts parts = read_parts(source);
    Kernel kernel = start_kernel(source, parts, "plain");
    apply_shape(source, parts.header, parts.rows, kernel);
    apply_bias_and_anchor(source, parts.header, kernel);
    return {kernel};
}

std::vector<Kernel> parse_flat(const SourceText& source) {
    const PlainParts parts = read_parts(source);
    Kernel kernel = start_kernel(source, parts, "flat");
    const auto count = static_cast<std::int64_t>(kernel.values.size());
    const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(count)));
    if (side * side != count)
        fail_text(source, fmt::format("{} numbers make no square; flat text holds n*n of them, "
                                      "rows of other shapes are plain text",
                                      count));
    kernel.R = kernel.S = side;
    apply_bias_and_anchor(source, parts.header, kernel);
    return {kernel};
}

bool recognises_plain(const SourceText& source) {
    const std::vector<std::string_view> lines = content_lines(source.text);
    if (lines.empty()) return false;
    if (is_plain_header(lines[0])) return true;
    try {
        const TokenRows rows = split_rows(source, lines);
        for (std::size_t row = 0; row < rows.row_ends.size(); ++row)
            if (rows.row_length(row) != rows.row_length(0)) return false;
        return std::all_of(rows.tokens.begin(), rows.tokens.end(), [](std::string_view token) {
            return read_fraction(token).problem == nullptr;
        });
    } catch (const Error&) {
        return false;
    }
}

std::string write_plain(const Kernel& kernel) {
    std::string text = header_text(kernel);
    const std::int64_t rows = kernel.K * kernel.C * kernel.R;
    for (std::int64_t row = 0; row < rows; ++row) {
        if (row > 0 && row % kernel.R == 0) text += '\n';
        append_numbers(text, kernel.values.data() + row * kernel.S, kernel.S);
    }
    return text;
}

}  // namespace conv
