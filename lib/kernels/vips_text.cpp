#include "kernels/vips_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <optional>

#include "base/error.hpp"
#include "kernels/kernel_values.hpp"

namespace conv {
namespace {

constexpr std::int64_t kLargestSide = 100'000;  // libvips' own limit

double decimal_at(const SourceText& source, std::string_view token) {
    const NumberReading reading = read_decimal(token);
    if (reading.problem != nullptr) {
        fail_at(source, token,
                fmt::format("{} {}{}", quoted_token(token), reading.problem,
                            token.find('/') == std::string_view::npos
                                ? ""
                                : " of a libvips matrix, which holds no fractions"));
    }
    return reading.value;
}

void read_header(const SourceText& source, std::string_view line, Kernel& kernel) {
    const auto tokens = split_tokens(line);
    if (tokens.size() < 2 || tokens.size() > 4) {
        fail_at(source, line, "a libvips matrix starts with a line 'W H [scale [offset]]'");
    }
    kernel.S = integer_at(source, tokens[0], 1, kLargestSide);
    kernel.R = integer_at(source, tokens[1], 1, kLargestSide);
    if (kernel.S * kernel.R > kMaxKernelValues) {
        fail_at(source, tokens[0],
                fmt::format("a matrix of more than {} numbers", kMaxKernelValues));
    }
    if (tokens.size() > 2) {
        const double divisor = decimal_at(source, tokens[2]);
        kernel.scale = 1 / divisor;
        if (divisor == 0 || !std::isfinite(kernel.scale)) {
            fail_at(source, tokens[2], "libvips divides by its scale; it cannot be 0");
        }
    }
    if (tokens.size() > 3) kernel.bias = {decimal_at(source, tokens[3])};
}

/// A double d with 1/d == scale, where there is one.
std::optional<double> exact_reciprocal(double scale) {
    const double nearest = 1 / scale;
    for (const double candidate :
         {nearest, std::nextafter(nearest, INFINITY), std::nextafter(nearest, -INFINITY)}) {
        if (std::isfinite(candidate) && 1 / candidate == scale) return candidate;
    }
    return std::nullopt;
}

}  // namespace

std::vector<Kernel> parse_vips(const SourceText& source) {
    const auto lines = content_lines(source.text);
    if (lines.empty()) fail_text(source, "is empty; a libvips matrix starts with a line 'W H'");
    Kernel kernel;
    kernel.format = "vips";
    kernel.name = source.name;
    read_header(source, lines[0], kernel);
    const auto rows = static_cast<std::int64_t>(lines.size()) - 1;
    if (rows != kernel.R) {
        fail_at(source, lines[0],
                fmt::format("the libvips header says {} rows of {}, but {} follow", kernel.R,
                            kernel.S, rows));
    }
    for (std::size_t row = 1; row < lines.size(); ++row) {
        const auto tokens = split_tokens(lines[row]);
        for (const std::string_view token : tokens) {
            kernel.values.push_back(decimal_at(source, token));
        }
        if (static_cast<std::int64_t>(tokens.size()) != kernel.S) {
            fail_at(source, lines[row],
                    fmt::format("row {} has {} numbers, but the libvips header says {}", row,
                                tokens.size(), kernel.S));
        }
    }
    return {kernel};
}

bool recognises_vips(const SourceText& source) {
    const auto lines = content_lines(source.text);
    if (lines.size() < 2 || !is_digit(lines[0].front())) return false;
    try {
        parse_vips(source);
        return true;
    } catch (const Error&) {
        return false;
    }
}

std::string write_vips(const Kernel& kernel) {
    require_two_dimensional(kernel, "a libvips matrix");
    require_default_anchor(kernel, "a libvips matrix");
    const std::optional<double> divisor = exact_reciprocal(kernel.scale);
    const double bias = kernel.bias.empty() ? 0 : kernel.bias[0];
    // The scale is always written: libvips 8.14 misreads some headers without. A header as long as
    // the rows would read as one more row of plain text.
    std::string text = fmt::format("{} {} {}", kernel.S, kernel.R, divisor.value_or(1));
    if (bias != 0 || kernel.S == 3) text += fmt::format(" {}", bias);
    const double factor = divisor ? 1 : kernel.scale;
    for (std::size_t i = 0; i < kernel.values.size(); ++i) {
        const bool row_start = i % static_cast<std::size_t>(kernel.S) == 0;
        fmt::format_to(std::back_inserter(text), "{}{}", row_start ? '\n' : ' ',
                       kernel.values[i] * factor);
    }
    return text + '\n';
}

}  // namespace conv
