#include "tensor/border.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.hpp"

namespace conv {
namespace {

struct BorderName {
    std::string_view name;
    BorderMode mode;
};

// The first name of each mode is the canonical one.
constexpr std::array kBorderNames = {
    BorderName{"constant", BorderMode::constant},
    BorderName{"zero", BorderMode::constant},
    BorderName{"replicate", BorderMode::replicate},
    BorderName{"edge", BorderMode::replicate},
    BorderName{"nearest", BorderMode::replicate},
    BorderName{"clamp", BorderMode::replicate},
    BorderName{"reflect", BorderMode::reflect},
    BorderName{"symmetric", BorderMode::reflect},
    BorderName{"reflect101", BorderMode::reflect101},
    BorderName{"mirror101", BorderMode::reflect101},
    BorderName{"wrap", BorderMode::wrap},
    BorderName{"tile", BorderMode::wrap},
    BorderName{"periodic", BorderMode::wrap},
};

std::int64_t positive_modulo(std::int64_t i, std::int64_t period) {
    const std::int64_t rest = i % period;
    return rest < 0 ? rest + period : rest;
}

std::vector<float> parse_values(std::string_view text) {
    std::vector<float> values;
    for (;;) {
        const std::size_t comma = text.find(',');
        const std::string_view token = text.substr(0, comma);
        float value = 0;
        const auto [end, status] =
            std::from_chars(token.data(), token.data() + token.size(), value);
        if (status != std::errc() || end != token.data() + token.size() || !std::isfinite(value)) {
            fail(ErrorKind::usage,
                 "border value '{}' is not a finite number, write constant:0 or "
                 "constant:10,20,30 with one value a channel",
                 token);
        }
        values.push_back(value);
        if (comma == std::string_view::npos) return values;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace

std::int64_t border_index(BorderMode mode, std::int64_t i, std::int64_t size) {
    if (i >= 0 && i < size) return i;
    switch (mode) {
        case BorderMode::constant:
            return -1;
        case BorderMode::replicate:
            return i < 0 ? 0 : size - 1;
        case BorderMode::wrap:
            return positive_modulo(i, size);
        case BorderMode::reflect: {
            const std::int64_t at = positive_modulo(i, 2 * size);
            return at < size ? at : 2 * size - 1 - at;
        }
        case BorderMode::reflect101:
            break;
    }
    if (size == 1) return 0;
    const std::int64_t at = positive_modulo(i, 2 * size - 2);
    return at < size ? at : 2 * size - 2 - at;
}

Border parse_border(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    if (name == "mirror") {
        fail(ErrorKind::usage,
             "border 'mirror' means different things in different tools, write "
             "reflect (cba|abc, as ImageMagick and libvips) or reflect101 (cb|abc, as scipy)");
    }
    const auto* const found = std::find_if(kBorderNames.begin(), kBorderNames.end(),
                                           [&](const BorderName& b) { return b.name == name; });
    if (found == kBorderNames.end()) {
        fail(ErrorKind::usage,
             "unknown border '{}', use constant[:v,...], replicate, reflect, "
             "reflect101 or wrap",
             text);
    }
    Border border{found->mode, {}};
    if (colon != std::string_view::npos) {
        if (name != "constant") {
            fail(ErrorKind::usage, "border '{}' takes no value, only constant:v does", text);
        }
        border.values = parse_values(text.substr(colon + 1));
    }
    return border;
}

std::string format_border(const Border& border) {
    const auto* const found =
        std::find_if(kBorderNames.begin(), kBorderNames.end(),
                     [&](const BorderName& b) { return b.mode == border.mode; });
    if (border.values.empty()) return std::string(found->name);
    return fmt::format("{}:{}", found->name, fmt::join(border.values, ","));
}

float constant_value(const Border& border, const Source& source, std::int64_t n, std::int64_t c) {
    const auto value = [&](std::int64_t picture) {
        return border.value((source.first_picture + picture) * source.shape.C + c);
    };
    const std::int64_t alpha = source.shape.N - 1;
    return source.alpha_weighted && n != alpha ? value(n) * value(alpha) : value(n);
}

namespace {

template <typename T>
void pad_row_as(const Source& source, const Border& border, std::int64_t c, std::int64_t h,
                std::int64_t first, std::int64_t count, T* out) {
    const std::int64_t N = source.shape.N;
    const std::int64_t W = source.shape.W;
    const std::int64_t row = border_index(border.mode, h, source.shape.H);
    const auto fill = [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t w = row < 0 ? -1 : border_index(border.mode, first + i, W);
            for (std::int64_t n = 0; n < N; ++n) {
                out[i * N + n] = static_cast<T>(w < 0 ? constant_value(border, source, n, c)
                                                      : source.at(n, c, row, w));
            }
        }
    };
    if (row < 0) return fill(0, count);
    // Elements [inside, outside) are the picture's own columns.
    const std::int64_t inside = std::clamp(-first, std::int64_t{0}, count);
    const std::int64_t outside = std::clamp(W - first, inside, count);
    fill(0, inside);
    if (outside > inside) {
        source.read_row(c, row, first + inside, outside - inside, out + inside * N);
    }
    fill(outside, count);
}

}  // namespace

void pad_row(const Source& source, const Border& border, std::int64_t c, std::int64_t h,
             std::int64_t first, std::int64_t count, float* out) {
    pad_row_as(source, border, c, h, first, count, out);
}

void pad_row(const Source& source, const Border& border, std::int64_t c, std::int64_t h,
             std::int64_t first, std::int64_t count, std::uint8_t* out) {
    pad_row_as(source, border, c, h, first, count, out);
}

}  // namespace conv
