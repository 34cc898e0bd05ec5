#include "kernels/gmic_text.hpp"

#include <fmt/format.h>

#include <iterator>

#include "base/error.hpp"
#include "kernels/kernel_values.hpp"

namespace conv {
namespace {

struct Part {
    std::string_view token;
    char after;  ///< ',' ';' '^' or ')'
};

std::vector<Part> split_parts(const SourceText& source, std::string_view text) {
    std::vector<Part> parts;
    for (std::size_t at = 1; at <= text.size();) {
        const std::size_t end = text.find_first_of(",;^/()", at);
        if (end == std::string_view::npos) {
            fail_at(source, text.substr(text.size()), "the bracket of the G'MIC matrix is open");
        }
        if (text[end] == '/') {
            fail_at(source, text.substr(end),
                    "'/' is G'MIC's depth; kernels here are (rows;columns) and ^ for channels");
        }
        if (text[end] == '(') fail_at(source, text.substr(end), "a bracket in a bracket");
        parts.push_back({trimmed(text.substr(at, end - at)), text[end]});
        at = end + 1;
        if (text[end] != ')') continue;
        const std::string_view rest = trimmed(text.substr(at));
        if (!rest.empty()) fail_at(source, rest, "text after the G'MIC matrix");
        break;
    }
    return parts;
}

/// Counts the rows and channels that the separators make and refuses unequal ones.
class ShapeCounter {
public:
    ShapeCounter(const SourceText& source, Kernel& kernel) : source_(source), kernel_(kernel) {}

    void add(const Part& part) {
        ++columns_;
        if (part.after == ',') return;
        if (rows_total_ == 0) kernel_.S = columns_;
        require(part, columns_ == kernel_.S, "row", columns_, kernel_.S);
        columns_ = 0;
        ++rows_;
        ++rows_total_;
        if (part.after == ';') return;
        if (channels_ == 0) kernel_.R = rows_;
        require(part, rows_ == kernel_.R, "channel", rows_, kernel_.R);
        rows_ = 0;
        kernel_.C = ++channels_;
    }

private:
    void require(const Part& part, bool equal, const char* what, std::int64_t found,
                 std::int64_t wanted) const {
        if (!equal) {
            fail_at(source_, part.token.substr(part.token.size()),
                    fmt::format("this {} has length {}, the first has {}", what, found, wanted));
        }
    }

    const SourceText& source_;
    Kernel& kernel_;
    std::int64_t columns_ = 0, rows_ = 0, rows_total_ = 0, channels_ = 0;
};

}  // namespace

std::vector<Kernel> parse_gmic(const SourceText& source) {
    const std::string_view text = trimmed(without_byte_order_mark(source.text));
    if (!text.starts_with('(')) {
        fail_at(source, text, "a G'MIC matrix starts with '(', as in (0,1;2,3)");
    }
    Kernel kernel;
    kernel.format = "gmic";
    kernel.name = source.name;
    ShapeCounter shape(source, kernel);
    for (const Part& part : split_parts(source, text)) {
        if (part.token.empty()) {
            fail_at(source, part.token, fmt::format("a number is missing before '{}'", part.after));
        }
        const NumberReading reading = read_decimal(part.token);
        if (reading.problem != nullptr) {
            fail_at(source, part.token,
                    fmt::format("{} {}", quoted_token(part.token), reading.problem));
        }
        kernel.values.push_back(reading.value);
        shape.add(part);
    }
    kernel.rank = kernel.C > 1 ? 3 : 2;
    return {kernel};
}

bool recognises_gmic(const SourceText& source) {
    return trimmed(without_byte_order_mark(source.text)).starts_with('(');
}

std::string write_gmic(const Kernel& kernel) {
    if (kernel.rank > 3) {
        fail(ErrorKind::usage, "a G'MIC matrix holds one kernel, '{}' is a bank: use plain",
             kernel.name);
    }
    require_default_anchor(kernel, "a G'MIC matrix");
    require_no_bias(kernel, "a G'MIC matrix");
    const std::vector<double> values = scaled_values(kernel);
    const auto columns = static_cast<std::size_t>(kernel.S);
    const auto plane = static_cast<std::size_t>(kernel.R) * columns;
    std::string text = "(";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) text += i % plane == 0 ? '^' : i % columns == 0 ? ';' : ',';
        fmt::format_to(std::back_inserter(text), "{}", values[i]);
    }
    return text + ")\n";
}

}  // namespace conv
