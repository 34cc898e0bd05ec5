#include "kernels/imagemagick_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "kernels/imagemagick_names.hpp"
#include "kernels/kernel_values.hpp"
#include "kernels/plain_header.hpp"
#include "kernels/rotation.hpp"

namespace conv {
namespace {

/// Removes blanks and `#` comments at the front.
std::string_view skip_comments(std::string_view text) {
    text = trimmed(text);
    while (text.starts_with('#')) {
        text = trimmed(text.substr(std::min(text.find_first_of("\r\n"), text.size())));
    }
    return text;
}

/// The parts between semicolons; a semicolon in a comment separates nothing.
std::vector<std::string_view> split_list(std::string_view text) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    bool comment = false;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        const bool ends = at == text.size() || (!comment && text[at] == ';');
        if (at < text.size() && text[at] == '#') comment = true;
        if (at < text.size() && (text[at] == '\n' || text[at] == '\r')) comment = false;
        if (!ends) continue;
        parts.push_back(skip_comments(text.substr(begin, at - begin)));
        begin = at + 1;
    }
    return parts;
}

/// Takes a trailing rotation flag off; 0 where there is none.
char take_flag(std::string_view& text) {
    text = trimmed(text);
    if (text.empty() || std::string_view("@><").find(text.back()) == std::string_view::npos) {
        return 0;
    }
    const char flag = text.back();
    text = trimmed(text.substr(0, text.size() - 1));
    return flag;
}

std::vector<Kernel> expand(const SourceText& source, std::string_view place, const Kernel& kernel,
                           char flag) {
    if (flag == 0) return {kernel};
    if (flag == '<') return mirrored_rotations(kernel);
    std::vector<Kernel> rotations = all_rotations(kernel, flag == '@' ? 45 : 90);
    if (rotations.empty()) {
        fail_at(source, place,
                fmt::format("'@' turns by 45 degrees, which takes a 3x3 kernel; this one is {}x{}",
                            kernel.S, kernel.R));
    }
    return rotations;
}

/// One weight: a number, or a hole, which counts as 0.
double weight_at(const SourceText& source, std::string_view token) {
    return token == "-" || lower_case(token) == "nan" ? 0 : number_at(source, token);
}

/// The weights of a part: separated by blanks and at most one comma.
std::vector<double> read_weights(const SourceText& source, std::string_view text) {
    std::vector<double> values;
    bool comma_before = true;  // a comma before the first number separates nothing
    while (!(text = skip_comments(text)).empty()) {
        if (text.front() == ',') {
            if (comma_before) fail_at(source, text, "a number is missing before ','");
            comma_before = true;
            text.remove_prefix(1);
            continue;
        }
        const auto is_end = [](char c) { return is_blank(c) || c == ',' || c == '#'; };
        const auto end = std::find_if(text.begin(), text.end(), is_end);
        const auto length = static_cast<std::size_t>(end - text.begin());
        values.push_back(weight_at(source, text.substr(0, length)));
        text.remove_prefix(length);
        comma_before = false;
    }
    return values;
}

/// Reads a whole number off the front of a geometry.
std::int64_t take_integer(const SourceText& source, std::string_view& geometry,
                          std::int64_t minimum, std::int64_t maximum) {
    std::size_t length = 0;
    while (length < geometry.size() && is_digit(geometry[length])) ++length;
    const std::string_view token = geometry.substr(0, std::max<std::size_t>(length, 1));
    const std::int64_t value = integer_at(source, token, minimum, maximum);
    geometry.remove_prefix(length);
    return value;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

/// `W[xH][+X+Y]` without the flag.
Kernel read_geometry(const SourceText& source, std::string_view geometry) {
    constexpr std::int64_t kLargestSide = 1'000'000;
    const std::string_view whole = geometry;
    Kernel kernel;
    kernel.S = take_integer(source, geometry, 1, kLargestSide);
    kernel.R = kernel.S;
    if (take(geometry, 'x')) kernel.R = take_integer(source, geometry, 1, kLargestSide);
    if (kernel.R * kernel.S > kMaxKernelValues) {
        fail_at(source, whole, fmt::format("a kernel of more than {} numbers", kMaxKernelValues));
    }
    kernel.anchor = Anchor{(kernel.S - 1) / 2, (kernel.R - 1) / 2};
    if (take(geometry, '+')) kernel.anchor->x = take_integer(source, geometry, 0, kernel.S - 1);
    if (take(geometry, '+')) kernel.anchor->y = take_integer(source, geometry, 0, kernel.R - 1);
    if (!geometry.empty()) {
        fail_at(source, geometry,
                fmt::format("{} in a geometry; ImageMagick's is 3x3+1+1:", quoted_token(geometry)));
    }
    return kernel;
}

std::vector<Kernel> read_geometry_part(const SourceText& source, std::string_view part,
                                       std::size_t colon) {
    std::string_view geometry = part.substr(0, colon);
    const char flag = take_flag(geometry);
    Kernel kernel = read_geometry(source, geometry);
    kernel.values = read_weights(source, part.substr(colon + 1));
    if (static_cast<std::int64_t>(kernel.values.size()) != kernel.R * kernel.S) {
        fail_at(source, part,
                fmt::format("{} numbers follow '{}:', which takes {}", kernel.values.size(),
                            geometry, kernel.R * kernel.S));
    }
    return expand(source, part, kernel, flag);
}

std::vector<Kernel> read_square_part(const SourceText& source, std::string_view part) {
    Kernel kernel;
    kernel.values = read_weights(source, part);
    const auto count = static_cast<std::int64_t>(kernel.values.size());
    kernel.R = kernel.S = std::llround(std::sqrt(static_cast<double>(count)));
    if (kernel.R * kernel.S != count) {
        fail_at(source, part,
                fmt::format("{} numbers make no square; give a geometry such as 3x1:", count));
    }
    kernel.anchor = Anchor{(kernel.S - 1) / 2, (kernel.R - 1) / 2};
    return {kernel};
}

/// `rho[x,]sigma[+xi]`
ImageMagickArguments read_arguments(const SourceText& source, std::string_view text) {
    double numbers[3] = {0, 0, 0};
    std::size_t count = 0;
    while (!text.empty()) {
        std::size_t end = 1;
        while (end < text.size() &&
               std::string_view("x,+- \t\r\n").find(text[end]) == std::string_view::npos) {
            ++end;
        }
        const std::string_view token = trimmed(text.substr(0, end));
        if (count == std::size(numbers)) fail_at(source, token, "more than three arguments");
        numbers[count++] = number_at(source, token);
        text = trimmed(text.substr(end));
        if (text.starts_with('x') || text.starts_with(',')) text = trimmed(text.substr(1));
    }
    return {numbers[0], numbers[1], numbers[2]};
}

std::size_t name_length(std::string_view part) {
    return static_cast<std::size_t>(std::find_if_not(part.begin(), part.end(), is_letter) -
                                    part.begin());
}

std::vector<Kernel> read_named_part(const SourceText& source, std::string_view part) {
    const std::string_view name = part.substr(0, name_length(part));
    const ImageMagickName* known = find_imagemagick_name(name);
    if (known == nullptr) {
        fail_at(source, part,
                fmt::format("'{}' is no ImageMagick kernel name and no header of plain text "
                            "(shape:, scale:, bias:, anchor:)",
                            name));
    }
    if (known->make == nullptr) {
        fail_at(source, part, fmt::format("ImageMagick's '{}' is {}", name, known->instead));
    }
    std::string_view arguments = trimmed(part.substr(name.size()));
    if (!arguments.empty() && (arguments.front() == ':' || arguments.front() == ',')) {
        arguments = trimmed(arguments.substr(1));
    }
    const char flag = take_flag(arguments);
    return expand(source, part, known->make(read_arguments(source, arguments)), flag);
}

std::vector<Kernel> read_part(const SourceText& source, std::string_view part) {
    if (part.front() == '@') {
        fail_at(source, part, "'@file' is not read here; give the file's name itself");
    }
    if (is_letter(part.front()) && lower_case(part.substr(0, name_length(part))) != "nan") {
        return read_named_part(source, part);
    }
    const std::size_t colon = part.find(':');
    return colon == std::string_view::npos ? read_square_part(source, part)
                                           : read_geometry_part(source, part, colon);
}

}  // namespace

std::vector<Kernel> parse_imagemagick(const SourceText& source) {
    std::vector<Kernel> kernels;
    const auto parts = split_list(without_byte_order_mark(source.text));
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const bool outermost = i == 0 || i + 1 == parts.size();
        if (parts[i].empty() && outermost) continue;
        if (parts[i].empty()) fail_at(source, parts[i], "a kernel is missing before ';'");
        for (Kernel& kernel : read_part(source, parts[i])) kernels.push_back(std::move(kernel));
    }
    if (kernels.empty()) fail_text(source, "holds no kernel; ImageMagick's form is 3x3: 0,1,0,...");
    for (Kernel& kernel : kernels) {
        kernel.format = "imagemagick";
        kernel.name = source.name;
    }
    return kernels;
}

bool recognises_imagemagick(const SourceText& source) {
    std::string_view text = skip_comments(without_byte_order_mark(source.text));
    if (take(text, ';')) text = skip_comments(text);
    if (text.empty()) return false;
    if (text.front() == '@') return true;
    if (is_digit(text.front())) {
        const std::size_t end = text.find_first_not_of("0123456789x+@<>");
        return end != std::string_view::npos && text[end] == ':';
    }
    const std::size_t length = name_length(text);
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    if (length == 0 || is_plain_header(line)) return false;
    const bool colon_follows = length < text.size() && text[length] == ':';
    return colon_follows || find_imagemagick_name(text.substr(0, length)) != nullptr;
}

std::string write_imagemagick(const Kernel& kernel) {
    require_two_dimensional(kernel, "ImageMagick's form");
    require_no_bias(kernel, "ImageMagick's form");
    const Anchor anchor = kernel.anchor.value_or(Anchor{kernel.S / 2, kernel.R / 2});
    std::string text = fmt::format("{}x{}+{}+{}:", kernel.S, kernel.R, anchor.x, anchor.y);
    const std::vector<double> values = scaled_values(kernel);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool row_start = i % static_cast<std::size_t>(kernel.S) == 0;
        fmt::format_to(std::back_inserter(text), "{}{}", row_start ? (i == 0 ? " " : ", ") : ",",
                       values[i]);
    }
    return text + '\n';
}

}  // namespace conv
