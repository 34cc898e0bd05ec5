#include "kernels/plain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/error.hpp"
#include "kernels/array_text.hpp"
#include "kernels/plain_header.hpp"
#include "kernels/plain_rows.hpp"

namespace conv {
namespace {

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
        if (product > kMaxKernelValues / size) {
            fail_at(source, header.shape[i],
                    fmt::format("a shape of more than {} numbers", kMaxKernelValues));
        }
        product *= size;
        sizes[4 - count + i] = size;
    }
    kernel.rank = static_cast<int>(count);
    kernel.K = sizes[0];
    kernel.C = sizes[1];
    kernel.R = sizes[2];
    kernel.S = sizes[3];
}

/// The shape of a pasted array, whose brackets have been checked.
void set_sizes(const std::vector<std::size_t>& shape, Kernel& kernel) {
    std::int64_t sizes[4] = {1, 1, 1, 1};
    for (std::size_t i = 0; i < shape.size(); ++i) {
        sizes[4 - shape.size() + i] = static_cast<std::int64_t>(shape[i]);
    }
    kernel.rank = static_cast<int>(shape.size());
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

/// For rows of unequal length of which the first could be the header of a libvips matrix.
const char* vips_hint(const TokenRows& rows) {
    const bool header =
        rows.row_ends.size() > 1 && rows.row_length(0) >= 2 && rows.row_length(0) <= 4 &&
        read_decimal(rows.tokens[0]).value == static_cast<double>(rows.row_length(1));
    return header ? " (a libvips matrix? --kernel-format vips says what is wrong with it)" : "";
}

void apply_shape(const SourceText& source, const PlainHeader& header, const TokenRows& rows,
                 Kernel& kernel) {
    if (header.shape.empty()) {
        require_row_lengths(source, rows, rows.row_length(0),
                            fmt::format("row 1 has {}{}", rows.row_length(0), vips_hint(rows)));
        kernel.R = static_cast<std::int64_t>(rows.row_ends.size());
        kernel.S = static_cast<std::int64_t>(rows.row_length(0));
        return;
    }
    set_shape(source, header, kernel);
    require_row_lengths(source, rows, static_cast<std::size_t>(kernel.S),
                        fmt::format("the shape says {} in a row", kernel.S));
    const std::int64_t wanted = kernel.K * kernel.C * kernel.R;
    if (static_cast<std::int64_t>(rows.row_ends.size()) != wanted) {
        fail_at(source, header.shape_line,
                fmt::format("the shape says {} rows in all, but the text has {}", wanted,
                            rows.row_ends.size()));
    }
}

void apply_bias_and_anchor(const SourceText& source, const PlainHeader& header, Kernel& kernel) {
    kernel.scale = header.scale;
    kernel.bias = read_values(source, header.bias);
    const auto count = static_cast<std::int64_t>(kernel.bias.size());
    if (count > 1 && count != kernel.K) {
        fail_at(source, header.bias[0],
                fmt::format("{} biases for {} output map{}; give one, or one a map", count,
                            kernel.K, kernel.K == 1 ? "" : "s"));
    }
    if (header.anchor.empty()) return;
    kernel.anchor = Anchor{integer_at(source, header.anchor[0], 0, kernel.S - 1),
                           integer_at(source, header.anchor[1], 0, kernel.R - 1)};
}

struct PlainParts {
    PlainHeader header;
    TokenRows rows;
    std::vector<std::size_t> array_shape;  ///< of a pasted array; empty for plain rows
};

PlainParts read_parts(const SourceText& source) {
    std::vector<std::string_view> lines = content_lines(source.text);
    PlainParts parts;
    parts.header = take_plain_header(source, lines);
    if (lines.empty()) {
        fail_text(source, "holds no numbers; a kernel is rows such as '0 -1 0; -1 5 -1; 0 -1 0'");
    }
    if (is_array_text(lines)) {
        ArrayText array = read_array_text(source, lines);
        parts.rows = std::move(array.rows);
        parts.array_shape = std::move(array.shape);
    } else {
        parts.rows = split_rows(source, lines);
    }
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
    for (std::int64_t i = 0; i < count; ++i) {
        fmt::format_to(std::back_inserter(text), "{}{}", i == 0 ? "" : " ", values[i]);
    }
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
    if (kernel.rank == 4) {
        text += fmt::format("shape: {} {} {} {}\n", kernel.K, kernel.C, kernel.R, kernel.S);
    } else if (kernel.rank == 3) {
        text += fmt::format("shape: {} {} {}\n", kernel.C, kernel.R, kernel.S);
    } else if (reads_as_libvips_too(kernel)) {
        text += fmt::format("shape: {} {}\n", kernel.R, kernel.S);
    }
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
    if (parts.header.shape.empty() && parts.array_shape.size() > 2) {
        set_sizes(parts.array_shape, kernel);
    }
    apply_bias_and_anchor(source, parts.header, kernel);
    return {kernel};
}

std::vector<Kernel> parse_flat(const SourceText& source) {
    const PlainParts parts = read_parts(source);
    Kernel kernel = start_kernel(source, parts, "flat");
    const auto count = static_cast<std::int64_t>(kernel.values.size());
    const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(count)));
    if (side * side != count) {
        fail_text(source, fmt::format("{} numbers make no square; flat text holds n*n of them, "
                                      "rows of other shapes are plain text",
                                      count));
    }
    kernel.R = kernel.S = side;
    apply_bias_and_anchor(source, parts.header, kernel);
    return {kernel};
}

bool recognises_plain(const SourceText& source) {
    const std::vector<std::string_view> lines = content_lines(source.text);
    if (lines.empty()) return false;
    if (is_plain_header(lines[0]) || is_array_text(lines)) return true;
    try {
        const TokenRows rows = split_rows(source, lines);
        for (std::size_t row = 0; row < rows.row_ends.size(); ++row) {
            if (rows.row_length(row) != rows.row_length(0)) return false;
        }
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
