#include "kernels/plain_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace conv {
namespace {

using HeaderReader = void (*)(const SourceText&, std::string_view key,
                              const std::vector<std::string_view>& values, PlainHeader&);

void require_count(const SourceText& source, std::string_view key,
                   const std::vector<std::string_view>& values, std::size_t least, std::size_t most,
                   const char* example) {
    if (values.size() < least || values.size() > most) {
        fail_at(source, key,
                fmt::format("'{}:' with {} values; write for example '{}'", key, values.size(),
                            example));
    }
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
        known->read(source, key, split_tokens(line.substr(line.find(':') + 1), ","), header);
    }
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(count));
    refuse_late_headers(source, lines);
    return header;
}

}  // namespace conv
