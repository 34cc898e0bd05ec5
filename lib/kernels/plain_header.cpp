#include "kernels/plain_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace conv {
namespace {

/// A line "key: values" of a source.
struct HeaderLine {
    const SourceText& source;
    std::string_view key;
    std::vector<std::string_view> values;
};

using HeaderReader = void (*)(const HeaderLine&, PlainHeader&);

void require_count(const HeaderLine& line, std::size_t least, std::size_t most,
                   const char* example) {
    const std::size_t count = line.values.size();
    if (count >= least && count <= most) return;
    fail_at(line.source, line.key,
            fmt::format("'{}:' with {} values; write for example '{}'", line.key, count, example));
}

void read_shape(const HeaderLine& line, PlainHeader& header) {
    require_count(line, 2, 4, "shape: 3 3");
    header.shape = line.values;
    header.shape_line = line.key;
}

void read_scale(const HeaderLine& line, PlainHeader& header) {
    require_count(line, 1, 1, "scale: 1/9");
    header.scale = number_at(line.source, line.values[0]);
    if (header.scale == 0)
        fail_at(line.source, line.values[0], "a scale of 0 makes every weight 0");
}

void read_bias(const HeaderLine& line, PlainHeader& header) {
    require_count(line, 1, static_cast<std::size_t>(kMaxKernelValues), "bias: 128");
    header.bias = line.values;
}

void read_anchor(const HeaderLine& line, PlainHeader& header) {
    require_count(line, 2, 2, "anchor: 1,1");
    header.anchor = line.values;
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

/// Lines of the form `word: ...` among the numbers.
void refuse_late_headers(const SourceText& source, const std::vector<std::string_view>& lines) {
    for (const std::string_view line : lines) {
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_letter(line.front())) continue;
        if (is_plain_header(line)) {
            fail_at(source, line, "a header line after the numbers; header lines come first");
        }
        fail_at(source, line,
                fmt::format("{} is no header line; known are shape, scale, bias and anchor",
                            quoted_token(line.substr(0, colon + 1))));
    }
}

}  // namespace

bool is_plain_header(std::string_view line) {
    return find_header_key(line) != nullptr;
}

PlainHeader take_plain_header(const SourceText& source, std::vector<std::string_view>& lines) {
    PlainHeader header;
    std::vector<std::string_view> seen;
    std::size_t count = 0;
    for (; count < lines.size() && is_letter(lines[count].front()); ++count) {
        const std::string_view line = lines[count];
        const HeaderKey* known = find_header_key(line);
        if (known == nullptr) break;
        const std::string_view key = line.substr(0, known->key.size());
        if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
            fail_at(source, key, fmt::format("'{}:' is given twice", key));
        }
        seen.push_back(key);
        known->read({source, key, split_tokens(line.substr(line.find(':') + 1), ",")}, header);
    }
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(count));
    refuse_late_headers(source, lines);
    return header;
}

}  // namespace conv
