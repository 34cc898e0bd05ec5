#include "tensor/border.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.hpp"
#include "base/nearest_name.hpp"
#include "tensor/border_rules.hpp"

namespace conv {
namespace {

std::int64_t positive_modulo(std::int64_t i, std::int64_t period) {
    // Most borders lie within a period, and a division is most of what a sample of them takes.
    if (i < 0 && i >= -period) return i + period;
    if (i >= 0 && i < period) return i;
    const std::int64_t rest = i % period;
    return rest < 0 ? rest + period : rest;
}

std::int64_t no_sample(std::int64_t, std::int64_t) {
    return -1;
}

std::int64_t replicated(std::int64_t i, std::int64_t size) {
    return i < 0 ? 0 : size - 1;
}

std::int64_t reflected(std::int64_t i, std::int64_t size) {
    const std::int64_t at = positive_modulo(i, 2 * size);
    return at < size ? at : 2 * size - 1 - at;
}

std::int64_t reflected101(std::int64_t i, std::int64_t size) {
    if (size == 1) return 0;
    const std::int64_t at = positive_modulo(i, 2 * size - 2);
    return at < size ? at : 2 * size - 2 - at;
}

constexpr std::array kRules = {
    BorderRule{BorderMode::constant, {"constant", "zero"}, "vv|abc|vv", no_sample},
    BorderRule{
        BorderMode::replicate, {"replicate", "edge", "nearest", "clamp"}, "aa|abc|cc", replicated},
    BorderRule{BorderMode::reflect,
               {"reflect", "symmetric"},
               "cba|abc|cba",
               reflected,
               false,
               Composes::symmetric},
    BorderRule{BorderMode::reflect101,
               {"reflect101", "mirror101"},
               "cb|abc|ba",
               reflected101,
               false,
               Composes::symmetric},
    BorderRule{BorderMode::wrap,
               {"wrap", "tile", "periodic"},
               "bc|abc|ab",
               positive_modulo,
               true,
               Composes::always},
};

/// "constant[:v,...]": a name with what may follow it.
std::string with_values(const BorderRule& rule) {
    return std::string(rule.names.front()) + (rule.mode == BorderMode::constant ? "[:v,...]" : "");
}

std::string canonical_words() {
    std::string words;
    for (const BorderRule& rule : kRules) {
        const bool last = &rule == &kRules.back();
        words += (words.empty() ? "" : last ? " or " : ", ") + with_values(rule);
    }
    return words;
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

std::span<const BorderRule> border_rules() {
    return kRules;
}

const BorderRule& border_rule(BorderMode mode) {
    return kRules[static_cast<std::size_t>(mode)];
}

std::vector<std::string> border_words() {
    std::vector<std::string> words;
    for (const BorderRule& rule : kRules) {
        for (const std::string_view name : rule.names) {
            if (!name.empty()) words.emplace_back(name);
        }
    }
    return words;
}

std::string border_help() {
    std::string modes, aliases;
    for (const BorderRule& rule : kRules) {
        modes += fmt::format("{}{} {}", modes.empty() ? "" : ", ", with_values(rule), rule.picture);
        std::string others;
        for (const std::string_view name : std::span(rule.names).subspan(1)) {
            if (!name.empty()) others += fmt::format("{}{}", others.empty() ? "" : " ", name);
        }
        if (!others.empty()) aliases += (aliases.empty() ? "" : ", ") + others;
    }
    return modes + "; also " + aliases;
}

std::int64_t border_index(BorderMode mode, std::int64_t i, std::int64_t size) {
    if (i >= 0 && i < size) return i;
    return border_rule(mode).outside(i, size);
}

Border parse_border(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    if (name == "mirror") {
        fail(ErrorKind::usage,
             "border 'mirror' means different things in different tools, write "
             "reflect (cba|abc, as ImageMagick and libvips) or reflect101 (cb|abc, as scipy)");
    }
    const auto* const found = std::find_if(kRules.begin(), kRules.end(), [&](const BorderRule& r) {
        return !name.empty() && std::find(r.names.begin(), r.names.end(), name) != r.names.end();
    });
    if (found == kRules.end()) {
        fail(ErrorKind::usage, "unknown border '{}'{}, use {}", text,
             nearest_name_hint(name, border_words()), canonical_words());
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
    const std::string_view name = border_rule(border.mode).names.front();
    if (border.values.empty()) return std::string(name);
    return fmt::format("{}:{}", name, fmt::join(border.values, ","));
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
    const auto column_of = border_rule(border.mode).outside;
    // Elements [inside, outside) are the picture's own columns. What the border repeats of them
    // is taken from here: it has been converted.
    const std::int64_t inside = row < 0 ? count : std::clamp(-first, std::int64_t{0}, count);
    const std::int64_t outside = std::clamp(W - first, inside, count);
    const auto sample = [&](std::int64_t w, std::int64_t n) {
        if (w < 0) return static_cast<T>(constant_value(border, source, n, c));
        const std::int64_t i = w - first;
        return i >= inside && i < outside ? out[i * N + n]
                                          : static_cast<T>(source.at(n, c, row, w));
    };
    const auto fill = [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t w = row < 0 ? -1 : column_of(first + i, W);
            for (std::int64_t n = 0; n < N; ++n) out[i * N + n] = sample(w, n);
        }
    };
    if (outside > inside) {
        source.read_row(c, row, first + inside, outside - inside, out + inside * N);
    }
    fill(0, inside);
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

void pad_row(const Source& source, const Border& border, std::int64_t c, std::int64_t h,
             std::int64_t first, std::int64_t count, std::uint16_t* out) {
    pad_row_as(source, border, c, h, first, count, out);
}

}  // namespace conv
