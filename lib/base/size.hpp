#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace conv {

/// Of a sample as methods hold it.
inline constexpr std::int64_t kFloatBytes = sizeof(float);

/// Product of non-negative factors. Throws Error{usage} naming `what` when it exceeds 2^63 - 1.
std::int64_t checked_product(std::initializer_list<std::int64_t> factors, std::string_view what);

/// `a / b` rounded up, for a >= 0 and b > 0.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

/// `a` rounded up to a multiple of `b`.
constexpr std::int64_t round_up(std::int64_t a, std::int64_t b) {
    return ceil_div(a, b) * b;
}

/// A byte count for people: "812 bytes", "3.2 MiB", "1.5 GiB" (binary units, one decimal).
std::string format_bytes(std::int64_t bytes);

/// Reads "64M", "1.5GiB", "200000": a number with an optional unit K, M, G or T (powers of 1024,
/// with an optional "iB" or "B"). Throws Error{usage} naming `option` and the text.
std::int64_t parse_bytes(std::string_view option, std::string_view text);

}  // namespace conv
