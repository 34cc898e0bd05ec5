#include "base/size.hpp"

#include <array>
#include <cctype>
#include <charconv>

#include "base/error.hpp"

namespace conv {

std::int64_t checked_product(std::initializer_list<std::int64_t> factors, std::string_view what) {
    std::int64_t product = 1;
    for (const std::int64_t factor : factors) {
        if (__builtin_mul_overflow(product, factor, &product)) {
            fail(ErrorKind::usage,
                 "{} is too large to count: {} does not fit 64 bits, use smaller sizes", what,
                 fmt::join(factors, " x "));
        }
    }
    return product;
}

std::string format_bytes(std::int64_t bytes) {
    constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB"};
    if (bytes < 1024) return fmt::format("{} bytes", bytes);
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::int64_t parse_bytes(std::string_view option, std::string_view text) {
    const auto refuse = [&] {
        fail(ErrorKind::usage,
             "{} '{}' is not a size, use bytes or a number with K, M, G or T (512M)", option, text);
    };
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, status] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (status != std::errc() || !(value > 0)) refuse();
    std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    if (!unit.empty() && unit.front() != 'B') {
        constexpr std::string_view kPrefixes = "KMGT";
        const std::size_t power = kPrefixes.find(
            static_cast<char>(std::toupper(static_cast<unsigned char>(unit.front()))));
        if (power == std::string_view::npos) refuse();
        for (std::size_t i = 0; i <= power; ++i) value *= 1024;
        unit.remove_prefix(1);
    }
    constexpr double kLargest = 9e18;
    if (!(unit.empty() || unit == "B" || unit == "iB") || value > kLargest || value < 1) refuse();
    return static_cast<std::int64_t>(value);
}

}  // namespace conv
